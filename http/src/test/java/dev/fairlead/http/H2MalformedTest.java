package dev.fairlead.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The kept corpus of frames that no client may send: each is refused as its line says, and what it asks for reaches
/// no endpoint whole.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class H2MalformedTest {
    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    record Case(String expected, String name, List<byte[]> frames) {
        @Override
        public String toString() {
            return name + ": " + expected;
        }
    }

    static List<Case> cases() throws IOException {
        try (InputStream in = H2MalformedTest.class.getResourceAsStream("malformed-frames.txt")) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(H2MalformedTest::parsed)
                    .toList();
        }
    }

    private static Case parsed(String line) {
        String[] parts = line.split(" \\| ", 3);
        return new Case(
                parts[0],
                parts[1],
                Arrays.stream(parts[2].split(" ; ", -1))
                        .map(H2MalformedTest::frame)
                        .toList());
    }

    private static byte[] frame(String text) {
        String[] parts = text.split(" ", 4);
        return H2Wire.frameOf(
                Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), payload(parts[3]));
    }

    private static byte[] payload(String text) {
        if (text.indexOf('=') < 0) {
            return HexFormat.of().parseHex(text);
        }
        String[] fields = Arrays.stream(text.split(" ", -1))
                .flatMap(field -> Arrays.stream(field.split("=", 2)))
                .map(H2MalformedTest::unescaped)
                .toArray(String[]::new);
        return H2Wire.block(fields);
    }

    private static String unescaped(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean isEscape = text.charAt(i) == '%';
            out.append(isEscape ? (char) Integer.parseInt(text.substring(i + 1, i + 3), 16) : text.charAt(i));
            i += isEscape ? 2 : 0;
        }
        return out.toString();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isRefused(Case one) throws Exception {
        var whole = new AtomicInteger();
        plane.start(new Backend((wire, _) -> {
            Wire.Message request = wire.request();
            if (request.isWhole() && !request.start().contains("/hold")) {
                whole.incrementAndGet();
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
            wire.read();
        }));

        String found;
        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            for (byte[] frame : one.frames()) {
                client.send(frame);
            }
            int stream = 1;
            client.until(() -> client.stream(stream).isOver() || client.goAwayCode >= 0);
            found = client.goAwayCode >= 0
                    ? "connection " + client.goAwayCode
                    : client.stream(stream).isWhole
                            ? "status " + client.stream(stream).status()
                            : "stream " + client.stream(stream).reset;
            if (client.goAwayCode < 0) {
                // Of the others on the connection nobody is harmed.
                assertThat(client.get(7, "/").answer(7).status()).isEqualTo(200);
                whole.decrementAndGet();
            }
        }

        assertThat(found).isEqualTo(one.expected());
        assertThat(whole).hasValue(0);
    }

    @org.junit.jupiter.api.Test
    void tellsWhoDoesNotBeginWithAPreface() throws Exception {
        plane.start(Backend.echo());

        try (H2Wire client = new H2Wire(plane.socket(0))) {
            client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(client.error()).isEqualTo(H2Wire.PROTOCOL_ERROR);
        }
    }
}
