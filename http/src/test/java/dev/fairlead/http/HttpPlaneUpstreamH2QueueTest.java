package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.QueueSpec;
import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Exchanges that wait for an endpoint of HTTP/2, whose connections may have room while the endpoint has none.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneUpstreamH2QueueTest {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n";

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    private int waiting() {
        return plane.upstreams.get("app").queue().length();
    }

    /// A turn took a place on the connection, found the endpoint full, gave the place back, and by that gave itself
    /// another turn: for ever, while the loop did nothing else.
    @Test
    void aTurnThatFindsTheEndpointFullEnds() throws Exception {
        plane.upstreamHttp2 = UpstreamHttp2Spec.DEFAULT;
        plane.queue = new QueueSpec(10, Duration.ofSeconds(20));
        var asked = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (Backend backend = new Backend((wire, _) -> {
            H2Wire endpoint = new H2Wire(wire.socket()).accept();
            endpoint.request(1);
            asked.countDown();
            go.await();
            endpoint.answer(1, "one");
            endpoint.request(3);
            endpoint.answer(3, "two");
            endpoint.error();
        })) {
            plane.start(List.of(new EndpointSpec(backend.address(), 1, 0, 1, 0, null)), List.of());

            try (Wire first = plane.connect().send(GET.formatted(1));
                    Wire second = plane.connect()) {
                asked.await();
                second.send(GET.formatted(2));
                RunningPlane.until("the second waits", () -> waiting() == 1);
                go.countDown();
                assertThat(first.response().body()).isEqualTo("one");
                assertThat(second.response().body()).isEqualTo("two");
            }

            assertThat(plane.metrics
                            .counter(
                                    Metric.ENDPOINT_LIMIT_HITS,
                                    "app",
                                    plane.endpoint().name())
                            .value())
                    .isBetween(2L, 10L);
        }
    }

    /// Answers what is to be answered now with the connection's number, and lets the rest wait.
    private static Backend numbered() throws Exception {
        return new Backend((wire, number) -> {
            H2Wire endpoint = new H2Wire(wire.socket()).accept();
            for (int stream = 1; !endpoint.isClosed; stream += 2) {
                H2Wire.Stream request = endpoint.request(stream);
                if (request.isWhole
                        && request.heads.getFirst().path().toString().equals("/now")) {
                    endpoint.answer(stream, "" + number);
                }
            }
        });
    }

    /// One answer that takes its time, and then more requests taken back than the endpoint's connection bears.
    private void takeBack(H2Wire client, int count) throws Exception {
        client.get(1, "/now").answer(1);
        client.get(3, "/slow");
        for (int i = 1; i <= count; i++) {
            client.get(3 + 2 * i, "/x").reset(3 + 2 * i, H2Wire.CANCEL);
        }
        RunningPlane.until("they are taken back", () -> cancels() == count);
    }

    private long cancels() {
        return plane.metrics
                .counter(Metric.ENDPOINT_HTTP2_CANCELS, "app", plane.endpoint().name())
                .value();
    }

    /// The connection was retired, and kept its place among `max-connections` for as long as the slow answer took.
    @Test
    void theLastConnectionThereMayBeIsAskedOnWhateverWasTakenBack() throws Exception {
        plane.upstreamHttp2 = UpstreamHttp2Spec.DEFAULT;
        try (Backend backend = numbered()) {
            plane.start(List.of(new EndpointSpec(backend.address(), 1, 1)), List.of());

            try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
                takeBack(client, 150);
                Wire.Message answer = plane.get("/now");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("1");
            }
        }
    }

    @Test
    void aConnectionOnWhichTooMuchWasTakenBackRestsAndIsAskedAgain() throws Exception {
        plane.upstreamHttp2 = UpstreamHttp2Spec.DEFAULT;
        try (Backend backend = numbered()) {
            plane.start(List.of(new EndpointSpec(backend.address(), 1, 0)), List.of());

            try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
                takeBack(client, 100);
                assertThat(plane.get("/now").body()).isEqualTo("2");
                RunningPlane.until("it is asked again", () -> {
                    try {
                        return plane.get("/now").body().equals("1");
                    } catch (java.io.IOException broken) {
                        throw new java.io.UncheckedIOException(broken);
                    }
                });
            }

            assertThat(backend.accepted()).isEqualTo(2);
        }
    }
}
