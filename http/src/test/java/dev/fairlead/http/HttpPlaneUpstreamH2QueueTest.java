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
}
