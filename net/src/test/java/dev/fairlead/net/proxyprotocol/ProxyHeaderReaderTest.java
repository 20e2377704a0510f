package dev.fairlead.net.proxyprotocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.ProxyVersion;
import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class ProxyHeaderReaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final InetSocketAddress SOURCE = new InetSocketAddress("192.0.2.7", 40000);
    private static final InetSocketAddress SOURCE6 = new InetSocketAddress("2001:db8::7", 40000);
    private static final InetSocketAddress TARGET = new InetSocketAddress("198.51.100.1", 443);

    @Test
    void readsALineAndNothingBehindIt() {
        ProxyHeader header = everywhere("PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\r\n".getBytes(US_ASCII));
        assertThat(header.version()).isEqualTo(ProxyVersion.V1);
        assertThat(header.source()).isEqualTo(SOURCE);
        assertThat(header.destination()).isEqualTo(TARGET);
    }

    @Test
    void readsALineOfIpv6() {
        ProxyHeader header = everywhere("PROXY TCP6 2001:db8::7 ::1 40000 443\r\n".getBytes(US_ASCII));
        assertThat(header.source()).isEqualTo(SOURCE6);
        assertThat(header.destination()).isEqualTo(new InetSocketAddress("::1", 443));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 whatever 1 99999\r\n"})
    void leavesTheAddressesOpenWhenTheProxyKnowsNone(String line) {
        ProxyHeader header = everywhere(line.getBytes(US_ASCII));
        assertThat(header.source()).isNull();
        assertThat(header.local()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "PROXY\r\n",
                "PROXY \r\n",
                "PROXYTCP4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r \n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
                "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
                "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
                "PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n",
                "PROXY TCP4 ::1 ::1 1 2\r\n",
                "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
                "PROXY TCP6 [::1] ::1 1 2\r\n",
                "PROXY TCP6 :::1 ::1 1 2\r\n",
                "PROXY TCP6 2001:db8::7::1 ::1 1 2\r\n",
                "PROXY TCP6 12345::1 ::1 1 2\r\n",
                "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY UNKNOWNED\r\n",
                "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                "\r\n\r\n\0\r\nQUIT\r"
            })
    void refusesWhatIsNoLine(String line) {
        assertMalformed(line.getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // version, command
                "1111000c" + "c0000207c63364019c4001bb",
                "3111000c" + "c0000207c63364019c4001bb",
                "2211000c" + "c0000207c63364019c4001bb",
                // family, protocol
                "2141000c" + "c0000207c63364019c4001bb",
                "2113000c" + "c0000207c63364019c4001bb",
                "2110000c" + "c0000207c63364019c4001bb",
                "2101000c" + "c0000207c63364019c4001bb",
                // too short for its addresses
                "2111000b" + "c0000207c63364019c4001",
                "2121000c" + "c0000207c63364019c4001bb",
                "21310010" + "00000000000000000000000000000000",
                // TLVs that end in the middle
                "2111000d" + "c0000207c63364019c4001bb" + "01",
                "2111000f" + "c0000207c63364019c4001bb" + "010001",
                "21110011" + "c0000207c63364019c4001bb" + "0100030102",
                // a checksum of three bytes, and one that is wrong
                "21110012" + "c0000207c63364019c4001bb" + "030003aabbcc",
                "21110013" + "c0000207c63364019c4001bb" + "030004aabbccdd",
                // TLS facts without a head, and with a broken list
                "21110012" + "c0000207c63364019c4001bb" + "200003010000",
                "21110015" + "c0000207c63364019c4001bb" + "2000060100000000ff",
                // a name with a control character
                "21110010" + "c0000207c63364019c4001bb" + "0200010a",
                // longer than we take: 64 KiB
                "2111ffff" + "c0000207c63364019c4001bb"
            })
    void refusesWhatIsNoBinaryHeader(String rest) {
        assertMalformed(HexFormat.of().parseHex(SIGNATURE + rest));
    }

    @Test
    void refusesAUniqueIdAboveItsBound() {
        assertMalformed(HexFormat.of()
                .parseHex(SIGNATURE + "21110090" + "c0000207c63364019c4001bb" + "050081" + "00".repeat(129)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20000000",
                "20110000",
                "2000000c" + "c0000207c63364019c4001bb",
                "20110003" + "ffffff",
            })
    void takesALocalHeaderWhateverItSays(String rest) {
        ProxyHeader header = everywhere(HexFormat.of().parseHex(SIGNATURE + rest));
        assertThat(header.local()).isTrue();
        assertThat(header.source()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"21000000", "2112000c" + "c0000207c63364019c4001bb"})
    void leavesTheAddressesOpenForOtherFamilies(String rest) {
        ProxyHeader header = everywhere(HexFormat.of().parseHex(SIGNATURE + rest));
        assertThat(header.source()).isNull();
        assertThat(header.local()).isFalse();
    }

    @Test
    void leavesTheAddressesOpenForUnixSockets() {
        ProxyHeader header = everywhere(HexFormat.of().parseHex(SIGNATURE + "213100d8" + "61".repeat(216)));
        assertThat(header.source()).isNull();
    }

    @Test
    void readsWhatItWrites() {
        ByteBuf written = new ProxyHeaderWriter(ProxyVersion.V2)
                .add(Tlvs.AUTHORITY, "shop.example".getBytes(US_ASCII))
                .add(Tlvs.ALPN, "h2".getBytes(US_ASCII))
                .add(Tlvs.UNIQUE_ID, "0123".getBytes(US_ASCII))
                .write(SOURCE, TARGET, true, ByteBufAllocator.DEFAULT);
        ProxyHeader header = everywhere(bytes(written));
        assertThat(header.source()).isEqualTo(SOURCE);
        assertThat(header.destination()).isEqualTo(TARGET);
        assertThat(header.tlvs().authority()).isEqualTo("shop.example");
        assertThat(header.tlvs().value(Tlvs.ALPN)).isEqualTo("h2".getBytes(US_ASCII));
        assertThat(header.tlvs().value(Tlvs.UNIQUE_ID)).isEqualTo("0123".getBytes(US_ASCII));
        assertThat(header.tlvs().value(Tlvs.SSL)).isNull();
    }

    @Test
    void anyByteThatIsChangedBreaksTheChecksum() {
        byte[] written =
                bytes(new ProxyHeaderWriter(ProxyVersion.V2).write(SOURCE, TARGET, true, ByteBufAllocator.DEFAULT));
        for (int i = 16; i < written.length; i++) {
            byte[] changed = written.clone();
            changed[i] ^= 0x10;
            var reader = new ProxyHeaderReader(4096);
            ProxyHeader header = reader.read(Unpooled.wrappedBuffer(changed));
            // The type of the checksum's own TLV: without it there is nothing to check.
            assertThat(header == null || i == 28).as("byte %d", i).isTrue();
        }
    }

    @Test
    void passesOnTheFactsOfTheProxyInFrontButNotItsChecksum() {
        byte[] ssl = HexFormat.of().parseHex("0100000000" + "210007544c5376312e33");
        byte[] first = bytes(new ProxyHeaderWriter(ProxyVersion.V2)
                .add(Tlvs.SSL, ssl)
                .add(Tlvs.NOOP, new byte[3])
                .add(Tlvs.AUTHORITY, "front.example".getBytes(US_ASCII))
                .write(SOURCE, TARGET, true, ByteBufAllocator.DEFAULT));
        byte[] second = bytes(new ProxyHeaderWriter(ProxyVersion.V2)
                .passOn(everywhere(first).tlvs())
                .add(Tlvs.AUTHORITY, "seen-here.example".getBytes(US_ASCII))
                .write(SOURCE, TARGET, false, ByteBufAllocator.DEFAULT));
        Tlvs tlvs = everywhere(second).tlvs();
        assertThat(tlvs.isTls()).isTrue();
        assertThat(tlvs.value(Tlvs.SSL)).isEqualTo(ssl);
        assertThat(tlvs.authority()).isEqualTo("front.example");
        assertThat(tlvs.value(Tlvs.CRC32C)).isNull();
        assertThat(tlvs.value(Tlvs.NOOP)).isNull();
    }

    @Test
    void writesALine() {
        assertThat(text(new ProxyHeaderWriter(ProxyVersion.V1).write(SOURCE, TARGET, true, ByteBufAllocator.DEFAULT)))
                .isEqualTo("PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\r\n");
        assertThat(text(new ProxyHeaderWriter(ProxyVersion.V1).write(SOURCE6, TARGET, true, ByteBufAllocator.DEFAULT)))
                .isEqualTo("PROXY TCP6 2001:db8:0:0:0:0:0:7 ::ffff:198.51.100.1 40000 443\r\n");
    }

    @Test
    void writesAddressesOfBothFamiliesAsIpv6() {
        ByteBuf written =
                new ProxyHeaderWriter(ProxyVersion.V2).write(SOURCE6, TARGET, false, ByteBufAllocator.DEFAULT);
        ProxyHeader header = everywhere(bytes(written));
        assertThat(header.source()).isEqualTo(SOURCE6);
        // Java reads ::ffff:198.51.100.1 as what it means.
        assertThat(header.destination()).isEqualTo(TARGET);
    }

    @Test
    void speaksForItself() {
        assertThat(text(ProxyHeaderWriter.local(ProxyVersion.V1, ByteBufAllocator.DEFAULT)))
                .isEqualTo("PROXY UNKNOWN\r\n");
        assertThat(everywhere(bytes(ProxyHeaderWriter.local(ProxyVersion.V2, ByteBufAllocator.DEFAULT)))
                        .local())
                .isTrue();
    }

    /// The header, after checking that it is the same when the bytes come one by one, that the last is needed, and
    /// that what follows stays.
    private static ProxyHeader everywhere(byte[] bytes) {
        var reader = new ProxyHeaderReader(4096);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(reader.read(Unpooled.wrappedBuffer(bytes, 0, i)))
                    .as("%d bytes", i)
                    .isNull();
            assertThat(reader.problem()).as("%d bytes", i).isNull();
        }
        ByteBuf all = Unpooled.wrappedBuffer(bytes, "next".getBytes(US_ASCII));
        ProxyHeader header = reader.read(all);
        assertThat(reader.problem()).isNull();
        assertThat(all.toString(US_ASCII)).isEqualTo("next");
        ProxyHeader atOnce = new ProxyHeaderReader(4096).read(Unpooled.wrappedBuffer(bytes));
        assertThat(atOnce.source()).isEqualTo(header.source());
        return header;
    }

    private static void assertMalformed(byte[] bytes) {
        var reader = new ProxyHeaderReader(4096);
        ByteBuf all = Unpooled.wrappedBuffer(bytes);
        assertThat(reader.read(all)).isNull();
        assertThat(reader.problem()).isNotNull();
        var slow = new ProxyHeaderReader(4096);
        for (int i = 0; i <= bytes.length && slow.problem() == null; i++) {
            assertThat(slow.read(Unpooled.wrappedBuffer(bytes, 0, i))).isNull();
        }
        assertThat(slow.problem()).isEqualTo(reader.problem());
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = ByteBufUtil.getBytes(buffer);
        buffer.release();
        return bytes;
    }

    private static String text(ByteBuf buffer) {
        return new String(bytes(buffer), US_ASCII);
    }
}
