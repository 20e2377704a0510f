package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A new config takes the old one's place under load, and nobody notices who did not have to.
class ReloadTest {
    private final int web = Repository.freePort();
    private final int raw = Repository.freePort();
    private final int extra = Repository.freePort();
    private NginxBackend one;
    private NginxBackend two;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        one = NginxBackend.start("one");
        two = NginxBackend.start("two");
        fairlead = Fairlead.start(yaml("", "\"" + one.address() + "\""));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            one.close();
            two.close();
        }
    }

    private String yaml(String listener, String endpoints) {
        return """
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app}
                %s
                upstreams:
                  app: {endpoints: [%s]}
                drain-timeout: 5s
                """.formatted(web, raw, listener, endpoints);
    }

    private String extraListener() {
        return "  extra: {protocol: http, address: \"127.0.0.1:" + extra + "\", upstream: app}\n";
    }

    private String both() {
        return "\"" + one.address() + "\", \"" + two.address() + "\"";
    }

    @Test
    void addsAndRemovesAnEndpointWithoutAFailure() throws Exception {
        Load http = Load.on(web, 8);
        Load tcp = Load.on(raw, 4);
        try (http;
                tcp) {
            for (int i = 0; i < 5; i++) {
                long seen = http.answered();
                fairlead.reload(yaml("", both()), "done");
                await().until(() -> http.answered() > seen + 300);
                fairlead.reload(yaml("", "\"" + two.address() + "\""), "done");
                await().until(() -> http.answered() > seen + 600);
                fairlead.reload(yaml("", "\"" + one.address() + "\""), "done");
            }
        }

        assertThat(http.failures()).isEmpty();
        assertThat(tcp.failures()).isEmpty();
        assertThat(http.refused() + tcp.refused()).isZero();
    }

    @Test
    void sendsTrafficToAnEndpointThatWasAdded() throws Exception {
        fairlead.reload(yaml("", "\"" + two.address() + "\""), "done");
        try (Wire wire = Wire.to(web)) {
            assertThat(wire.get("/name").text()).isEqualTo("two");
        }
    }

    @Test
    void addsAndRemovesAListenerWithoutAFailure() throws Exception {
        Load others = Load.on(web, 8);
        Load leaving;
        try (others) {
            fairlead.reload(yaml(extraListener(), both()), "done");
            leaving = Load.on(extra, 8);
            await().until(() -> leaving.answered() > 500);
            fairlead.reload(yaml("", both()), "done");
            leaving.awaitEnd();
        }

        assertThat(others.failures()).isEmpty();
        assertThat(others.refused()).isZero();
        assertThat(leaving.failures()).isEmpty();
        assertThat(leaving.refused()).isEqualTo(8);
        Assertions.assertThatThrownBy(() -> Wire.to(extra)).isInstanceOf(ConnectException.class);
    }

    private String addresses(String web, String raw) {
        return yaml("", both())
                .replace("\"127.0.0.1:" + this.web + "\"", web)
                .replace("\"127.0.0.1:" + this.raw + "\"", raw);
    }

    @Test
    void movesAnAddressFromOneListenerToAnotherWhileTheirOthersGoOn() throws Exception {
        String first = "\"127.0.0.1:" + web + '"';
        String second = "\"127.0.0.1:" + raw + '"';
        String moving = "\"127.0.0.1:" + extra + '"';
        String ofWeb = addresses("[" + first + ", " + moving + "]", second);
        String ofRaw = addresses(first, "[" + moving + ", " + second + "]");
        Load http = Load.on(web, 4);
        Load tcp = Load.on(raw, 4);
        try (http;
                tcp;
                Wire held = Wire.to(raw)) {
            held.get("/name");
            for (int i = 0; i < 3; i++) {
                fairlead.reload(ofWeb, "done");
                assertThat(fairlead.admin("/listeners")).contains("127.0.0.1:" + web + ", 127.0.0.1:" + extra);
                try (Wire wire = Wire.to(extra)) {
                    assertThat(wire.get("/name").text()).isIn("one", "two");
                }
                fairlead.reload(ofRaw, "done");
                try (Wire wire = Wire.to(extra)) {
                    wire.get("/name");
                }
            }
            held.get("/name");
        }

        assertThat(http.failures()).isEmpty();
        assertThat(tcp.failures()).isEmpty();
        assertThat(http.refused() + tcp.refused()).isZero();
    }

    @Test
    void isAsBeforeWhenAnAddressThatComesIsTaken() throws Exception {
        String first = "\"127.0.0.1:" + web + '"';
        String second = "\"127.0.0.1:" + raw + '"';
        String taken = "\"127.0.0.1:" + extra + '"';
        try (ServerSocket _ = new ServerSocket(extra, 1, InetAddress.getLoopbackAddress())) {
            fairlead.reload(addresses(first, "[" + second + ", " + taken + "]"), "failed");
        }
        assertThat(fairlead.log()).contains("listener raw cannot have 127.0.0.1:" + extra);
        fairlead.reload(addresses(first, "[" + second + ", " + taken + "]"), "done");
        try (Wire wire = Wire.to(extra)) {
            wire.get("/name");
        }
    }

    @Test
    void keepsAFlowOfAListenerThatStays() throws Exception {
        try (Wire wire = Wire.to(raw)) {
            assertThat(wire.get("/name").text()).isEqualTo("one");
            fairlead.reload(yaml(extraListener(), both()), "done");
            assertThat(wire.get("/name").text()).isEqualTo("one");
        }
    }

    @Test
    void refusesABadConfigAndKeepsTheOld() throws Exception {
        Load load = Load.on(web, 4);
        try (load) {
            fairlead.reload(
                    yaml("  bad: {protocol: htp, address: \"127.0.0.1:99999\", upstream: nobody}\n", both()),
                    "invalid");
            long seen = load.answered();
            await().until(() -> load.answered() > seen + 300);
        }

        assertThat(load.failures()).isEmpty();
        assertThat(fairlead.log()).contains("fairlead.yaml:4:").contains("htp");
        try (Wire wire = Wire.to(web)) {
            assertThat(wire.get("/name").text()).isEqualTo("one");
        }
    }

    @Test
    void refusesAConfigWhoseAddressIsTaken() throws Exception {
        fairlead.reload(
                yaml("  taken: {protocol: http, address: \"" + two.address() + "\", upstream: app}\n", both()),
                "failed");

        try (Wire wire = Wire.to(web)) {
            for (int i = 0; i < 4; i++) {
                assertThat(wire.get("/name").text())
                        .as("the endpoints are the old ones")
                        .isEqualTo("one");
            }
        }
    }
}
