package dev.fairlead.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Either side leaves at every byte, by an end and by a reset. A response that is cut never looks like a whole one,
/// nothing stays behind, and what comes after it is clean.
@ExtendWith(NoLeaks.class)
@Timeout(120)
final class HttpPlaneAbortTest {
    private static final String LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n6;x\r\n456789\r\n0\r\n\r\n";
    private static final String TRAILERS =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n";
    private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\n0123456789";
    private static final String EARLY_HINTS = "HTTP/1.1 103 \r\nLink: </a>\r\n\r\n" + LENGTH;

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    /// How much of the response the endpoint sends; all of it when the target is `/whole`.
    private final AtomicInteger cut = new AtomicInteger();

    @ParameterizedTest
    @CsvSource({
        "length,false",
        "length,true",
        "chunked,false",
        "chunked,true",
        "trailers,false",
        "trailers,true",
        "until close,false",
        "until close,true",
        "early hints,false",
        "early hints,true"
    })
    void theEndpointLeavesAtEveryByteOfAResponse(String kind, boolean byReset) throws Exception {
        String response = switch (kind) {
            case "length" -> LENGTH;
            case "chunked" -> CHUNKED;
            case "trailers" -> TRAILERS;
            case "until close" -> UNTIL_CLOSE;
            default -> EARLY_HINTS;
        };
        plane.attempts = 1;
        plane.start(new Backend((wire, _) -> {
            while (true) {
                if (wire.request().start().contains(" /whole ")) {
                    wire.send(LENGTH);
                    continue;
                }
                wire.send(response.substring(0, cut.get()));
                if (byReset) {
                    wire.reset();
                }
                return;
            }
        }));

        for (int size = 0; size < response.length(); size++) {
            cut.set(size);
            boolean endsLikeThat = kind.equals("until close") && !byReset && response.indexOf("\r\n\r\n") + 4 <= size;
            assertCut(response.substring(0, size), endsLikeThat);
            assertThat(plane.get("/whole").body()).as("after a cut at %d", size).isEqualTo("0123456789");
            RunningPlane.until("the endpoint is let go", () -> plane.endpoint().active() == 0);
        }
    }

    /// A body that ends with the connection is whole when that end was a good one: nobody could tell.
    private void assertCut(String sent, boolean endsLikeThat) throws IOException {
        try (Wire client = plane.connect()) {
            client.send("POST /cut HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
            Message response;
            try {
                response = client.response();
                if (response.status() == 103) {
                    response = client.response();
                }
            } catch (IOException _) {
                // Cut within the head: all that was passed on is no response.
                return;
            }
            if (response.status() == 502) {
                assertThat(response.isWhole()).isTrue();
                return;
            }
            assertThat(response.status()).isEqualTo(200);
            assertThat("0123456789").startsWith(response.body());
            assertThat(response.isWhole())
                    .as("%s, cut behind %s", response, sent)
                    .isEqualTo(endsLikeThat);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /x HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
                "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789",
                "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n6;x\r\n456789\r\n0\r\nX: y\r\n\r\n",
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
            })
    void theClientLeavesAtEveryByteOfARequest(String request) throws Exception {
        plane.start(Backend.echo());
        byte[] bytes = request.getBytes(ISO_8859_1);

        for (int size = 0; size <= bytes.length; size++) {
            for (int way = 0; way < 3; way++) {
                try (Wire client = plane.connect()) {
                    client.send(Arrays.copyOf(bytes, size));
                    switch (way) {
                        case 0 -> client.reset();
                        case 1 -> client.socket().shutdownOutput();
                        default -> {}
                    }
                }
            }
            assertThat(plane.get("/after").body())
                    .as("left behind %d bytes", size)
                    .isEqualTo("/after");
        }
        RunningPlane.until("the endpoint is let go", () -> plane.endpoint().active() == 0);
        RunningPlane.until("the clients are gone", () -> plane.plane().open() == 0);
    }

    /// While the response comes, too: the endpoint is not kept busy for nobody.
    @Test
    void theClientLeavesAtEveryByteOfAResponse() throws Exception {
        plane.start(new Backend((wire, _) -> {
            while (true) {
                wire.request();
                wire.send(CHUNKED);
            }
        }));

        for (int size = 0; size < 120; size++) {
            try (Wire client = plane.connect()) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                client.input().readNBytes(size);
                if (size % 2 == 0) {
                    client.reset();
                }
            }
            assertThat(plane.get("/").body()).isEqualTo("0123456789");
        }
        RunningPlane.until("the endpoint is let go", () -> plane.endpoint().active() == 0);
    }
}
