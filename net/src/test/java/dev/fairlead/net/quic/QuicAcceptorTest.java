package dev.fairlead.net.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.Http3Spec;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Acceptor;
import dev.fairlead.net.Loops;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Two acceptors of one process with one key of stateless resets: two listeners, or one before and after a reload.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class QuicAcceptorTest {
    private static final String KEY = "5e".repeat(16);

    @TempDir
    private Path folder;

    private final Metrics metrics = new Metrics();
    private final Loops loops = new Loops(1);

    @AfterEach
    void close() {
        loops.close();
    }

    /// Asks all clients to come again: the answer shows an id.
    private InetSocketAddress bind(String listener) throws IOException {
        Path key = Files.writeString(folder.resolve("reset.key"), KEY);
        var spec = new Http3Spec(100, 128 << 10, Duration.ZERO, 443, 0, key.toString());
        var acceptor = new Acceptor(loops, listener, 9, false, metrics, (_, _) -> {});
        var quic = new QuicAcceptor(loops, acceptor, spec, () -> null, (_, _, _) -> {}, listener, metrics);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        quic.bind(address);
        return address;
    }

    private static int freePort() throws IOException {
        try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void send(DatagramSocket socket, byte[] packet, InetSocketAddress to) throws IOException {
        socket.send(new DatagramPacket(packet, packet.length, to));
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        var packet = new DatagramPacket(new byte[1500], 1500);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /// The id of a Retry (RFC 9000 §17.2.5), behind that which the client has chosen for itself.
    private static byte[] idOf(DatagramSocket socket, InetSocketAddress acceptor) throws IOException {
        ByteBuffer initial = ByteBuffer.allocate(1200).put((byte) 0xc3).putInt(1);
        initial.put((byte) 8).putLong(1).put((byte) 8).putLong(2).put((byte) 0);
        initial.putShort((short) (0x4000 | initial.remaining() - Short.BYTES));
        send(socket, initial.array(), acceptor);
        byte[] retry = receive(socket);
        assertThat(retry[0] & 0xf0).isEqualTo(0xf0);
        assertThat(retry[14]).isEqualTo((byte) ConnectionIds.LENGTH);
        return Arrays.copyOfRange(retry, 15, 15 + ConnectionIds.LENGTH);
    }

    private static byte[] shortPacket(byte[] id) {
        byte[] packet = new byte[100];
        packet[0] = 0x41;
        System.arraycopy(id, 0, packet, 1, id.length);
        return packet;
    }

    @Test
    void saysNothingOfAConnectionThatAnotherOneHas() throws Exception {
        InetSocketAddress one = bind("one");
        InetSocketAddress other = bind("other");
        try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(20_000);
            byte[] id = idOf(socket, one);
            byte[] ofAnotherProcess = id.clone();
            ofAnotherProcess[2] ^= 1;

            // One loop answers in turn: what is said to the second would come after what is said to the first.
            send(socket, shortPacket(id), other);
            send(socket, shortPacket(ofAnotherProcess), other);

            byte[] token = ResetTokens.of(HexFormat.of().parseHex(KEY)).token(ByteBuffer.wrap(ofAnotherProcess));
            assertThat(receive(socket)).endsWith(token);
            socket.setSoTimeout(200);
            assertThatThrownBy(() -> receive(socket)).isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(metrics.counter(Metric.HTTP3_STATELESS_RESETS, "other", "sent")
                        .value())
                .isEqualTo(1);
    }

    /// The token of that connection would be told whoever got in with its id.
    @Test
    void letsNobodyBeginWithTheIdOfAConnectionThatAnotherOneHas() {
        var ids = new ConnectionIds(0, ConnectionIds.newOwner(loops.process()), null);
        var others = new ConnectionIds(0, ConnectionIds.newOwner(loops.process()), null);
        var id = Unpooled.wrappedBuffer(ids.newId(ConnectionIds.LENGTH));

        assertThat(ids.begins(id)).isTrue();
        assertThat(others.begins(id)).isFalse();
    }
}
