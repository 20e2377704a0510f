package dev.fairlead.http.filter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class IpTextTest {
    private final IpText ip = new IpText();

    private InetAddress read(String text) {
        byte[] bytes = ("<" + text + ">").getBytes(ISO_8859_1);
        return ip.read(bytes, 1, bytes.length - 1);
    }

    @Test
    void readsEveryAddress() throws UnknownHostException {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            for (int zero = random.nextInt(bytes.length); zero > 0; zero--) {
                bytes[random.nextInt(bytes.length)] = 0;
            }
            InetAddress address = InetAddress.getByAddress(bytes);
            String text = address.getHostAddress();
            String shorter = text.replaceFirst("(^|:)0(:0)+(:|$)", "::");

            assertThat(read(text)).isEqualTo(address);
            assertThat(read(shorter)).as(shorter).isEqualTo(address);
            assertThat(read(text.contains(":") ? "[" + shorter + "]:65535" : text + ":1"))
                    .isEqualTo(address);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                ":",
                "1",
                "1.2.3",
                "1.2.3.",
                "1.2.3.4.",
                "1.2.3.4.5",
                "01.2.3.4",
                "1.2.3.256",
                "1.2.3.-4",
                "1.2.3.4:",
                "1.2.3.4:x",
                "1.2.3.4:123456",
                " 1.2.3.4",
                "1.2.3.4 ",
                "0x1.2.3.4",
                "localhost",
                ":::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                "1:2:3:4:5:6:7::8",
                ":1::2",
                "1::2:",
                "12345::",
                "::g",
                "[::1",
                "::1]",
                "[::1]x",
                "[::1]:",
                "[1.2.3.4]",
                "fe80::1%eth0",
                "::1.2.3",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4",
                "[]",
                "[:1]"
            })
    void readsNothingElse(String text) {
        assertThat(read(text)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "::1", "1::", "1:2:3:4:5:6::", "::ffff:1.2.3.4", "64:ff9b::1.2.3.4", "FE80::AB"})
    void readsShortForms(String text) throws UnknownHostException {
        assertThat(read(text)).isEqualTo(InetAddress.getByName(text));
    }
}
