package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.GrpcStatus;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.http.H2Wire.Stream;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// gRPC calls, frame for frame, through the plane.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneGrpcTest {
    private static final String TYPE = "application/grpc+proto";

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    @BeforeEach
    void speakHttp2() {
        plane.upstreamHttp2 = UpstreamHttp2Spec.DEFAULT;
    }

    private interface Script {
        void serve(H2Wire wire, int number) throws Exception;
    }

    private static Backend endpoint(Script script) throws IOException {
        return new Backend((wire, number) -> script.serve(new H2Wire(wire.socket()).accept(), number));
    }

    private H2Wire client() throws IOException {
        return new H2Wire(plane.socket(0)).begin();
    }

    private static Stream call(H2Wire client, int stream, String... more) throws IOException {
        String[] fields = new String[more.length + 4];
        System.arraycopy(new String[] {"content-type", TYPE, "te", "trailers"}, 0, fields, 0, 4);
        System.arraycopy(more, 0, fields, 4, more.length);
        client.request(stream, false, "POST", "/shop.Orders/Get", fields).data(stream, true, "message");
        return client.answer(stream);
    }

    private long calls(String status) {
        return plane.metrics.counter(Metric.GRPC_CALLS, "web", status).value();
    }

    @Test
    void carriesAMessageEachWayAndTheStatus() throws Exception {
        plane.start(endpoint((wire, _) -> {
            Stream call = wire.request(1);
            assertThat(call.heads.getFirst().get("te").toString()).isEqualTo("trailers");
            wire.headers(1, false, ":status", "200", "content-type", TYPE).data(1, false, call.text());
            wire.headers(1, true, "grpc-status", "5", "grpc-message", "no such order");
            wire.error();
        }));

        try (H2Wire client = client()) {
            Stream answer = call(client, 1);
            assertThat(answer.text()).isEqualTo("message");
            assertThat(answer.trailers().get("grpc-status").toString()).isEqualTo("5");
            assertThat(answer.trailers().get("grpc-message").toString()).isEqualTo("no such order");
        }

        assertThat(plane.logged(1).getFirst()).contains("\"grpcStatus\":\"not-found\"");
        assertThat(calls("not-found")).isEqualTo(1);
    }

    @Test
    void keepsAStatusWithoutAMessageInOneHead() throws Exception {
        plane.start(endpoint((wire, _) -> {
            wire.request(1);
            wire.headers(1, true, ":status", "200", "content-type", TYPE, "grpc-status", "7");
            wire.error();
        }));

        try (H2Wire client = client()) {
            Stream answer = call(client, 1);
            assertThat(answer.heads).hasSize(1);
            assertThat(answer.dataFrames).isZero();
            assertThat(answer.field("grpc-status")).isEqualTo("7");
        }
    }

    @Test
    void tellsItsOwnFaultsAsAStatus() throws Exception {
        plane.start(List.of(new EndpointSpec(Backend.dead(), 1, 0)), List.of());

        try (H2Wire client = client()) {
            Stream answer = call(client, 1);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.heads).hasSize(1);
            assertThat(answer.field("content-type")).isEqualTo("application/grpc");
            assertThat(answer.field("grpc-status")).isEqualTo("14");
            assertThat(answer.field("grpc-message")).isEqualTo("502 Bad Gateway");
            assertThat(answer.field("proxy-status")).contains("connection_refused");
            // Of who does not call, all is as ever.
            assertThat(client.get(3, "/").answer(3).status()).isEqualTo(502);
        }

        assertThat(calls("unavailable")).isEqualTo(1);
    }

    @Test
    void endsACallThatItsClientWaitsNoLongerFor() throws Exception {
        var reset = new AtomicInteger(-1);
        var over = new CountDownLatch(1);
        plane.start(endpoint((wire, _) -> {
            Stream call = wire.request(1);
            assertThat(call.heads.getFirst().get("grpc-timeout").toString()).isEqualTo("1000m");
            wire.until(() -> wire.stream(1).reset >= 0);
            reset.set(wire.stream(1).reset);
            over.countDown();
            wire.error();
        }));

        try (H2Wire client = client()) {
            assertThat(call(client, 1, "grpc-timeout", "1000m").field("grpc-status"))
                    .isEqualTo("4");
        }
        over.await();

        assertThat(reset).hasValue(H2Wire.CANCEL);
        assertThat(calls("deadline-exceeded")).isEqualTo(1);
    }

    @Test
    void blamesNoEndpointForTheTimeThatAClientChose() throws Exception {
        plane.breaker = RunningPlane.NO_FAULT_BORNE;
        plane.start(endpoint((wire, _) -> {
            wire.request(1);
            wire.request(3);
            wire.headers(3, true, ":status", "200", "content-type", TYPE, "grpc-status", "0");
            wire.error();
        }));

        try (H2Wire client = client()) {
            assertThat(call(client, 1, "grpc-timeout", "1000m").field("grpc-status"))
                    .isEqualTo("4");
            assertThat(call(client, 3).field("grpc-status")).isEqualTo("0");
        }
    }

    @Test
    void blamesNoEndpointForAnAnswerToWhatIsNoCallThere() throws Exception {
        plane.breaker = RunningPlane.NO_FAULT_BORNE;
        plane.start(endpoint((wire, _) -> wire.echo()));

        try (H2Wire client = client()) {
            assertThat(call(client, 1).text()).isEqualTo("/shop.Orders/Get");
            assertThat(call(client, 3).text()).isEqualTo("/shop.Orders/Get");
        }
    }

    @Test
    void callsAgainForTheNamedStatusesAlone() throws Exception {
        plane.retry = new RetrySpec(
                List.of(),
                null,
                Duration.ZERO,
                Duration.ZERO,
                20,
                3,
                1024,
                1024,
                0,
                Duration.ofSeconds(1),
                List.of(GrpcStatus.UNAVAILABLE));
        plane.start(endpoint((wire, _) -> {
            wire.request(1);
            wire.headers(1, true, ":status", "200", "content-type", TYPE, "grpc-status", "14");
            Stream again = wire.request(3);
            wire.headers(3, false, ":status", "200", "content-type", TYPE).data(3, false, again.text());
            wire.headers(3, true, "grpc-status", "0");
            wire.request(5);
            wire.headers(5, true, ":status", "200", "content-type", TYPE, "grpc-status", "8");
            wire.error();
        }));

        try (H2Wire client = client()) {
            Stream first = call(client, 1);
            assertThat(first.text()).isEqualTo("message");
            assertThat(first.trailers().get("grpc-status").toString()).isEqualTo("0");
            assertThat(call(client, 3).field("grpc-status")).isEqualTo("8");
        }

        assertThat(plane.logged(2).getFirst()).contains("\"attempts\":2", "\"retry\":\"status\"");
        assertThat(calls("ok")).isEqualTo(1);
        assertThat(calls("resource-exhausted")).isEqualTo(1);
        assertThat(calls("unavailable")).isZero();
    }

    @Test
    void streamsBothWaysAtOnce() throws Exception {
        plane.start(endpoint((wire, _) -> {
            wire.until(() -> !wire.stream(1).heads.isEmpty());
            wire.headers(1, false, ":status", "200", "content-type", TYPE);
            for (int i = 1; i <= 5; i++) {
                int asked = i;
                wire.until(() -> wire.stream(1).body.size() >= asked);
                wire.data(1, false, "" + i);
            }
            wire.request(1);
            wire.headers(1, true, "grpc-status", "0");
            wire.error();
        }));

        try (H2Wire client = client()) {
            client.request(1, false, "POST", "/chat", "content-type", TYPE, "te", "trailers");
            Stream answer = client.stream(1);
            for (int i = 1; i <= 5; i++) {
                client.data(1, false, "x");
                int got = i;
                client.until(() -> answer.body.size() == got);
            }
            client.data(1, true, "");
            assertThat(client.answer(1).text()).isEqualTo("12345");
        }
    }
}
