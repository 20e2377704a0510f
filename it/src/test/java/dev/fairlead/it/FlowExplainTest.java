package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Why a flow on sockets is where it is, and where the next one would go.
class FlowExplainTest {
    private final int raw = Repository.freePort();
    private final int dead = Repository.freePort();
    private NginxBackend one;
    private NginxBackend two;

    @BeforeEach
    void start() throws IOException {
        one = NginxBackend.start("one");
        two = NginxBackend.start("two");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        one.close();
        two.close();
    }

    private Fairlead fairlead(String upstream) throws IOException {
        return Fairlead.start("""
                listeners:
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {%s}
                """.formatted(raw, upstream.replace("DEAD", "127.0.0.1:" + dead)));
    }

    private String both() {
        return "endpoints: [\"" + one.address() + "\", \"" + two.address() + "\"]";
    }

    private void assertWhy(Fairlead fairlead, String word) {
        await().untilAsserted(() ->
                assertThat(fairlead.admin("/flows?client=127.0.0.1")).contains("\"why\" : \"" + word + '"'));
    }

    @Test
    void theHashLeadsWhereItWasSaidThatItWould() throws Exception {
        try (Fairlead fairlead = fairlead(both() + ", balancer: maglev");
                Wire wire = Wire.to(raw)) {
            String name = wire.get("/name").text();

            String told = fairlead.command(0, "explain", "tcp://127.0.0.1:" + raw);
            assertThat(told)
                    .contains("raw (tcp, socket)", "maglev: by the client's address")
                    .contains("endpoint  " + (name.equals("one") ? one : two).address());
            String file = fairlead.home() + "/fairlead.yaml";
            assertThat(fairlead.command(0, "explain", "tcp://127.0.0.1:" + raw, "--config", file))
                    .contains("endpoint  " + (name.equals("one") ? one : two).address());
            assertWhy(fairlead, "balancer");
            assertThat(fairlead.command(0, "top", "--once", "--client", "127.0.0.1"))
                    .contains("WHY", "balancer");
            assertThat(fairlead.command(1, "explain", "udp://127.0.0.1:" + raw)).contains("no listener of Layer 4");
        }
    }

    @Test
    void turnsDecideWhenTheyCome() throws Exception {
        try (Fairlead fairlead = fairlead(both())) {
            assertThat(fairlead.command(0, "explain", "tcp://127.0.0.1:" + raw))
                    .contains("any of " + one.address() + ", " + two.address());
            fairlead.command(0, "drain", "app", one.address());
            assertThat(fairlead.command(0, "explain", "tcp://127.0.0.1:" + raw))
                    .contains("endpoint  " + two.address(), "drain by hand");
            try (Wire wire = Wire.to(raw)) {
                wire.get("/name");
                assertWhy(fairlead, "only-one");
            }
        }
    }

    @Test
    void anEndpointThatRefusesLeavesItToAnother() throws Exception {
        try (Fairlead fairlead = fairlead("endpoints: [\"DEAD\", \"" + one.address() + "\"], balancer: first");
                Wire wire = Wire.to(raw)) {
            wire.get("/name");
            assertWhy(fairlead, "retry");
        }
    }

    @Test
    void aClientThatIsKnownGoesToItsOwn() throws Exception {
        try (Fairlead fairlead = fairlead(both() + ", sticky: {source-address: {}}");
                Wire first = Wire.to(raw)) {
            // Only who has been answered is known: of two that come at once neither is.
            String own = first.get("/name").text();
            try (Wire second = Wire.to(raw)) {
                assertThat(second.get("/name").text()).isEqualTo(own);
                assertWhy(fairlead, "sticky");
                assertThat(fairlead.command(0, "explain", "tcp://127.0.0.1:" + raw))
                        .contains("goes to its own first");
            }
        }
    }
}
