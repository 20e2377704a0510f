package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// SIGTERM: nothing new, the old to its end, then exit 0.
class DrainTest {
    private static Fairlead start(String endpoint, String drainTimeout) throws IOException {
        return Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                drain-timeout: %s
                """.formatted(Repository.freePort(), Repository.freePort(), endpoint, drainTimeout));
    }

    @Test
    void failsNoRequestUnderLoad() throws Exception {
        try (NginxBackend nginx = NginxBackend.start("one");
                Fairlead fairlead = start(nginx.address(), "10s")) {
            Load load = Load.on(fairlead.port("web"), 32);
            await().until(() -> load.answered() > 3_000);
            fairlead.signal("TERM");
            load.awaitEnd();
            fairlead.awaitExit(Duration.ofMinutes(1));

            assertThat(load.failures()).isEmpty();
            assertThat(load.refused()).isEqualTo(32);
        }
    }

    @Test
    void finishesWhatHasBegun() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.playing(connection -> {
                    connection.request();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
                    go.await();
                    connection.send("half");
                });
                Fairlead fairlead = start(backend.address(), "60s");
                Wire web = Wire.to(fairlead.port("web"));
                Wire raw = Wire.to(fairlead.port("raw"))) {
            web.send("GET /web HTTP/1.1\r\nHost: a\r\n\r\n");
            raw.send("GET /raw HTTP/1.1\r\nHost: a\r\n\r\n");
            await().until(() -> backend.requests().size() == 2);
            fairlead.signal("TERM");
            awaitRefused(fairlead.port("web"));
            awaitRefused(fairlead.port("raw"));
            go.countDown();

            assertThat(web.response().text()).isEqualTo("halfhalf");
            assertThat(raw.response().text()).isEqualTo("halfhalf");
            raw.close();
            fairlead.awaitExit(Duration.ofMinutes(1));
        }
    }

    @Test
    void isNotHeldByIdleConnections() throws Exception {
        try (NginxBackend nginx = NginxBackend.start("one");
                Fairlead fairlead = start(nginx.address(), "60s");
                Wire used = Wire.to(fairlead.port("web"));
                Wire fresh = Wire.to(fairlead.port("web"))) {
            assertThat(used.get("/name").status()).isEqualTo(200);
            assertThat(fresh.socket().isConnected()).isTrue();
            fairlead.signal("TERM");

            fairlead.awaitExit(Duration.ofMinutes(1));
            assertThat(used.isEnded()).isTrue();
        }
    }

    @Test
    void cutsWhatOutlastsTheTimeout() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.playing(ScriptedBackend.Connection::awaitEnd);
                Fairlead fairlead = start(backend.address(), "500ms");
                Wire raw = Wire.to(fairlead.port("raw"))) {
            raw.send("x");
            await().until(() -> backend.accepted() == 1);
            fairlead.signal("TERM");

            fairlead.awaitExit(Duration.ofMinutes(1));
            assertThat(raw.isEnded()).isTrue();
        }
    }

    private static void awaitRefused(int port) {
        await().until(() -> {
            try (Wire wire = Wire.to(port)) {
                return !wire.socket().isConnected();
            } catch (IOException e) {
                return true;
            }
        });
    }
}
