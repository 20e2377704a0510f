package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a client puts into a stream of HTTP/2, an endpoint that reads HTTP/1.1 sees one request or none, and it is
/// the one that is answered on that stream. Streams are made by a seeded generator from what has split messages before.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class H2OneRequestTest {
    private static final int STREAMS = 1500;

    /// Put into names, values and pseudo-header fields.
    private static final List<String> PIECES = List.of(
            "\r\n",
            "\n",
            "\r",
            "\0",
            " ",
            "\t",
            ":",
            "\r\n\r\n",
            "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
            " HTTP/1.1\r\nHost: a\r\n\r\nGET /smuggled HTTP/1.1",
            "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
            "chunked",
            "X",
            "x",
            "/",
            "\u00ff",
            "\u010d\u010a",
            "%0d%0a",
            "a");

    private static final List<String> NAMES = List.of(
            "content-length",
            "transfer-encoding",
            "Transfer-Encoding",
            "transfer_encoding",
            "connection",
            "host",
            "te",
            "expect",
            "upgrade",
            "cookie",
            "x",
            ":path",
            ":method",
            ":authority",
            "trailer");

    private static final List<String> VALUES =
            List.of("0", "1", "5", "+5", "5, 5", "chunked", "trailers", "a", "close", "100-continue", "");

    private static final List<String> BODIES = List.of(
            "", "x", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void givesAnEndpointOneRequestOrNone(long seed) throws Exception {
        plane.start(new Backend((wire, _) -> {
            while (true) {
                Wire.Message request = wire.request();
                String id = String.valueOf(request.field("x-stream"));
                seen.add(request.start().contains("smuggled") ? "smuggled" : id);
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + id.length() + "\r\n\r\n" + id);
            }
        }));
        var random = new SplittableRandom(seed);
        int answered = 0;

        H2Wire client = new H2Wire(plane.socket(0)).begin();
        try {
            int stream = 1;
            for (int i = 0; i < STREAMS; i++) {
                String id = "s" + i;
                ask(client, stream, id, random);
                H2Wire.Stream answer = client.answer(stream);
                if (!client.isClosed && answer.isWhole && answer.status() == 200) {
                    answered++;
                    assertThat(answer.text()).isEqualTo(id);
                }
                stream += 2;
                if (client.isClosed || client.goAwayCode >= 0) {
                    // One malformed too many.
                    client.close();
                    client = new H2Wire(plane.socket(0)).begin();
                    stream = 1;
                }
            }
        } finally {
            client.close();
        }

        assertThat(seen).doesNotHaveDuplicates().doesNotContain("smuggled", "null");
        assertThat(answered).as("the generator makes good requests too").isGreaterThan(STREAMS / 10);
        assertThat(seen.size()).isGreaterThanOrEqualTo(answered);
    }

    /// Sends a request, mostly with something in it that does not belong there.
    private static void ask(H2Wire client, int stream, String id, SplittableRandom random) throws IOException {
        String body = one(BODIES, random);
        List<String> fields = new ArrayList<>(List.of(":method", "POST", ":scheme", "http", ":authority", "a"));
        Collections.addAll(fields, ":path", "/", "x-stream", id);
        for (int more = random.nextInt(3); more > 0; more--) {
            Collections.addAll(fields, one(NAMES, random), one(VALUES, random));
        }
        if (random.nextBoolean()) {
            Collections.addAll(fields, "content-length", "" + (body.length() + random.nextInt(3) - 1));
        }
        for (int wrong = random.nextInt(3); wrong > 0; wrong--) {
            int at = random.nextInt(fields.size());
            // The name of the stream stays what it is: by it the requests are told apart.
            if (at != 8 && at != 9) {
                String text = fields.get(at);
                int place = random.nextInt(text.length() + 1);
                fields.set(at, text.substring(0, place) + one(PIECES, random) + text.substring(place));
            }
        }
        boolean isBodiless = body.isEmpty() && random.nextBoolean();
        client.headers(stream, isBodiless, fields.toArray(String[]::new));
        if (!isBodiless) {
            int cut = random.nextInt(body.length() + 1);
            client.data(stream, false, body.substring(0, cut));
            boolean hasTrailers = random.nextInt(4) == 0;
            client.data(stream, !hasTrailers, body.substring(cut));
            if (hasTrailers) {
                client.headers(stream, true, "x-end" + one(PIECES, random), "1" + one(PIECES, random));
            }
        }
    }

    private static String one(List<String> of, SplittableRandom random) {
        return of.get(random.nextInt(of.size()));
    }
}
