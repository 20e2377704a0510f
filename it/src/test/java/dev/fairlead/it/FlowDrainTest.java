package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an operator sees of live flows, and how he takes a listener or an endpoint out of service below them.
class FlowDrainTest {
    private final int raw = Repository.freePort();
    private ScriptedBackend echo;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        echo = ScriptedBackend.playing(connection -> {
            byte[] bytes = new byte[4096];
            for (int n = connection.in().read(bytes);
                    n >= 0;
                    n = connection.in().read(bytes)) {
                connection.out().write(bytes, 0, n);
            }
        });
        fairlead = Fairlead.start(yaml("10s"));
    }

    private String yaml(String finTimeout) {
        return """
                listeners:
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app, fin-timeout: %s}
                upstreams:
                  app: {endpoints: ["%s"]}
                drain-timeout: 20s
                """.formatted(raw, finTimeout, echo.address());
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            echo.close();
        }
    }

    private Wire flow(int bytes) throws IOException {
        Wire wire = Wire.to(raw).send(new byte[bytes]);
        assertThat(wire.in().readNBytes(bytes)).hasSize(bytes);
        return wire;
    }

    @Test
    void showsTheGreatestFlows() throws Exception {
        try (Wire small = flow(10);
                Wire large = flow(50_000)) {
            assertThat(fairlead.admin("/flows?top=1&by=bytes"))
                    .contains("\"listener\" : \"raw\"", ":" + large.socket().getLocalPort(), "\"bytes-in\" : 50000")
                    .doesNotContain(":" + small.socket().getLocalPort());
            assertThat(fairlead.admin("/flows?top=1&by=age"))
                    .contains(":" + small.socket().getLocalPort());
            assertThat(fairlead.command(0, "top", "--once")).contains("raw", echo.address());
        }
        await().until(() -> !fairlead.admin("/flows").contains("client"));
    }

    @Test
    void drainsAListenerAndOpensItAgain() throws Exception {
        try (Wire before = flow(10)) {
            assertThat(fairlead.command(0, "drain", "--listener", "raw")).contains("raw: draining");
            await().until(() -> !canConnect());
            before.send("x");
            assertThat(before.in().read()).isEqualTo('x');
            await().until(() -> fairlead.command(0, "show").matches("(?s).*draining, 1 flow, 1?\\ds left.*"));
            assertThat(fairlead.admin("/flows"))
                    .as("what is waited for")
                    .contains(":" + before.socket().getLocalPort());
            fairlead.reload(yaml("11s"), "done");
            assertThat(canConnect()).isFalse();
        }
        await().until(() -> fairlead.command(0, "show").contains("drained"));
        fairlead.command(0, "auto", "--listener", "raw");
        try (Wire after = flow(10)) {
            assertThat(after.socket().isConnected()).isTrue();
        }
        assertThat(fairlead.command(1, "drain", "--listener", "rew")).contains("no listener rew; there are [raw]");
    }

    @Test
    void endsTheFlowsOfAnEndpointWhoseDrainHasLastedLongEnough() throws Exception {
        try (Wire flow = flow(10)) {
            fairlead.command(0, "drain", "app", echo.address(), "--timeout", "8");
            assertThat(fairlead.admin("/upstreams")).contains("draining, 1 flow, ");
            assertThat(flow.isEnded()).isTrue();
        }
        await().until(() -> fairlead.metric("fairlead_flows_total", "outcome=\"drained\"") == 1);
        assertThat(fairlead.admin("/upstreams")).contains("\"state\" : \"drained\"");
    }

    private boolean canConnect() {
        try (Wire wire = Wire.to(raw)) {
            return wire.socket().isConnected();
        } catch (IOException refused) {
            return false;
        }
    }
}
