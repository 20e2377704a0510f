package dev.fairlead.l4.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.QuicSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The examples of draft-ietf-quic-load-balancers, appendix B: plain, with an odd and an even number of octets, in one
/// block, and with an id that is longer than the nonce.
final class ServerIdReaderTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final String KEY = "8f95f09245765f80256934e50c66207f";

    @ParameterizedTest
    @CsvSource({
        "c4605e, 4504cc4f, 07c4605e4504cc4f, ''",
        "350d28b420, 3487d970b2, 2a350d28b4203487d970b2, ''",
        "ed793a, ee080dbf, 0720b1d07b359d3c, " + KEY,
        "ed793a51d49b8f5fab65, ee080dbf48, 2fcc381bc74cb4fbad2823a3d1f8fed2, " + KEY,
        "ed793a51d49b8f5f, ee080dbf48c0d1e5, 504dd2d05a7b0de9b2b9907afb5ecf8cc3, " + KEY,
        "ed793a51d49b8f5fab, ee080dbf48c0d1e55d, 125779c9cc86beb3a3a4a3ca96fce4bfe0cdbc, " + KEY,
        "31441a, 9c69c275, 0767947d29be054a, fdf726a9893ec05c0632d3956680baf0",
    })
    void readsTheServersId(String id, String nonce, String whole, String key) {
        int rotation = Integer.parseInt(whole.substring(0, 2), 16) >> 5;
        var spec = new QuicSpec(id.length() / 2, rotation, 0, nonce.length() / 2, null);
        var reader = ServerIdReader.of(spec, key.isEmpty() ? null : HEX.parseHex(key));
        ByteBuf datagram = Unpooled.wrappedBuffer(HEX.parseHex("40" + whole));

        assertThat(reader.peekIsOurs(datagram, 1, whole.length() / 2)).isTrue();
        assertThat(reader.peekIsOurs(datagram, 1, id.length() / 2)).isFalse();
        for (int i = 0; i < 2; i++) {
            byte[] read = reader.peek(datagram, 1);
            assertThat(HEX.formatHex(Arrays.copyOf(read, id.length() / 2))).isEqualTo(id);
            if (!key.isEmpty()) {
                assertThat(HEX.formatHex(read)).isEqualTo(id + nonce);
            }
        }
    }
}
