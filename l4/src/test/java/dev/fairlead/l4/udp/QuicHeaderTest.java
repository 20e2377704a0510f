package dev.fairlead.l4.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class QuicHeaderTest {
    private static final byte[] ID = QuicPackets.hex("0102030405060708");
    private static final byte[] OTHER = QuicPackets.hex("a1a2a3a4");

    private static ByteBuf buffer(byte[] bytes) {
        return Unpooled.wrappedBuffer(bytes);
    }

    @Test
    void aClientChoosesTheIdOfItsFirstPacket() {
        ByteBuf initial = buffer(QuicPackets.longHeader(QuicPackets.INITIAL, ID, OTHER));

        assertThat(QuicHeader.peekServersIdAt(initial)).isEqualTo(-1);
        assertThat(QuicHeader.peekSourceIdAt(initial)).isEqualTo(15);
        assertThat(initial.getUnsignedByte(14)).isEqualTo((short) OTHER.length);
    }

    @Test
    void aServerChoosesTheIdOfLaterPackets() {
        ByteBuf handshake = buffer(QuicPackets.longHeader(QuicPackets.HANDSHAKE, ID, OTHER));
        assertThat(QuicHeader.peekServersIdAt(handshake)).isEqualTo(6);
        assertThat(QuicHeader.peekServersIdLengthMax(handshake, 6)).isEqualTo(ID.length);

        ByteBuf data = buffer(QuicPackets.shortHeader(ID));
        assertThat(QuicHeader.peekServersIdAt(data)).isEqualTo(1);
        assertThat(QuicHeader.peekServersIdLengthMax(data, 1)).isEqualTo(QuicHeader.ID_LENGTH_MAX);
        assertThat(QuicHeader.peekSourceIdAt(data)).isEqualTo(-1);
    }

    @Test
    void knowsTheTypesOfVersion2() {
        byte[] packet = QuicPackets.longHeader(3, ID, OTHER);
        System.arraycopy(QuicPackets.hex("6b3343cf"), 0, packet, 1, 4);

        assertThat(QuicHeader.peekServersIdAt(buffer(packet))).isEqualTo(6);
    }

    @Test
    void learnsNothingFromVersionNegotiation() {
        byte[] packet = QuicPackets.longHeader(QuicPackets.HANDSHAKE, ID, OTHER);
        System.arraycopy(new byte[4], 0, packet, 1, 4);

        assertThat(QuicHeader.peekSourceIdAt(buffer(packet))).isEqualTo(-1);
        assertThat(QuicHeader.peekServersIdAt(buffer(packet))).isEqualTo(-1);
    }

    /// Whatever comes: no exception, and nothing outside the datagram is pointed at. Starts from packets that are
    /// right, cut and with octets changed, and from noise; with octets before the datagram.
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void staysInsideTheDatagram(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = drawn(random);
            int skipped = random.nextInt(3);
            ByteBuf datagram =
                    Unpooled.buffer().writeZero(skipped).writeBytes(bytes).skipBytes(skipped);
            int at = QuicHeader.peekServersIdAt(datagram);
            if (at >= 0) {
                int most = QuicHeader.peekServersIdLengthMax(datagram, at);
                assertThat(at).isGreaterThan(skipped);
                assertThat(most).isBetween(1, QuicHeader.ID_LENGTH_MAX);
                assertThat(at + most).isLessThanOrEqualTo(datagram.writerIndex());
            }
            int source = QuicHeader.peekSourceIdAt(datagram);
            if (source >= 0) {
                int length = datagram.getUnsignedByte(source - 1);
                assertThat(length).isBetween(1, QuicHeader.ID_LENGTH_MAX);
                assertThat(source + length).isLessThanOrEqualTo(datagram.writerIndex());
            }
            assertThat(datagram.readerIndex()).isEqualTo(skipped);
        }
    }

    private static byte[] drawn(Random random) {
        byte[] bytes;
        if (random.nextBoolean()) {
            bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
        } else {
            byte[] whole = QuicPackets.longHeader(
                    random.nextInt(4), new byte[random.nextInt(24)], new byte[random.nextInt(24)]);
            bytes = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
        }
        return bytes;
    }
}
