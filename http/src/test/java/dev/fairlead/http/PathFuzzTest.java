package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The whole way of a request, from any bytes on a client's socket to the endpoint's. There Netty's codec reads:
/// every request must be a sound one that bears our mark, for one without it would be smuggled in; and so must every
/// response at the client. What the client sends stands between two requests of its own.
///
/// With `JAZZER_FUZZ=1` it looks for new inputs (CONTRIBUTING.md); else it reads the kept ones again.
@ExtendWith(NoLeaks.class)
final class PathFuzzTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private static final byte[] LAST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes();

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    @FuzzTest(maxDuration = "4m")
    void requests(byte[] bytes) throws Exception {
        // Jazzer takes a connection for an attack of its own input; this one is the test's.
        try (var _ = BugDetectors.allowNetworkConnections()) {
            send(bytes);
        }
    }

    private void send(byte[] bytes) throws Exception {
        if (plane.plane() == null) {
            var soon = Duration.ofMillis(30);
            plane.limits = new HttpLimits(1 << 10, 8 << 10, 32, 4 << 10);
            plane.timeouts = new HttpTimeouts(soon, soon, Duration.ofSeconds(1), soon);
            plane.start(new Backend((wire, _) -> serve(wire)));
        }
        try (Wire client = plane.connect()) {
            assertThat(client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
            client.send(bytes).send(LAST);
            check(client.input().readAllBytes());
        } catch (IOException _) {
            // Closed while we were sending, or reset: there is no answer to look at.
        }
        assertThat(wrong).isEmpty();
    }

    private void serve(Wire wire) throws IOException {
        var codec = new EmbeddedChannel(new HttpRequestDecoder());
        byte[] some = new byte[8192];
        for (int size = wire.input().read(some); size >= 0; size = wire.input().read(some)) {
            codec.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOf(some, size)));
            for (HttpObject object = codec.readInbound(); object != null; object = codec.readInbound()) {
                if (!object.decoderResult().isSuccess()
                        || object instanceof HttpRequest request
                                && !request.headers().getAll("via").toString().contains(" fairlead")) {
                    wrong.add(object.toString());
                }
                if (object instanceof LastHttpContent) {
                    wire.send(OK);
                }
                ReferenceCountUtil.release(object);
            }
        }
        codec.finishAndReleaseAll();
    }

    private void check(byte[] responses) {
        var codec = new EmbeddedChannel(new HttpResponseDecoder());
        codec.writeInbound(Unpooled.wrappedBuffer(responses));
        codec.finish();
        for (HttpObject object = codec.readInbound(); object != null; object = codec.readInbound()) {
            if (!object.decoderResult().isSuccess()) {
                wrong.add("response: " + object);
            }
            ReferenceCountUtil.release(object);
        }
    }
}
