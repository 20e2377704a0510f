package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Probes find out who works; traffic follows them.
class ProbeTest {
    private NginxBackend one;
    private NginxBackend two;

    @BeforeEach
    void start() throws IOException {
        one = NginxBackend.start("one");
        two = NginxBackend.start("two");
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
    }

    private Fairlead fairlead(String second, String probe) throws IOException {
        return Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s", "%s"], probe: {%s, interval: 100ms, timeout: 500ms}}
                """.formatted(Repository.freePort(), one.address(), second, probe));
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol: http, path: /healthz", "protocol: tcp"})
    void followsAServerDownAndUpAgain(String probe) throws Exception {
        try (Fairlead fairlead = fairlead(two.address(), probe)) {
            Load load = Load.on(fairlead.port("web"), 4);
            try (load) {
                await().until(() -> load.answered() > 200);
            }
            // Nothing is on its way now: what nginx had begun to answer would be lost with nginx, through no fault of
            // ours.
            two.stop();
            fairlead.awaitEndpoint(two.address(), false);
            assertThat(fairlead.admin("/upstreams")).containsIgnoringCase("down");
            Load without = Load.on(fairlead.port("web"), 4);
            try (without) {
                await().until(() -> without.answered() > 500);
            }
            assertThat(names(fairlead)).containsExactly("one");
            two.start();
            fairlead.awaitEndpoint(two.address(), true);

            assertThat(names(fairlead)).containsExactlyInAnyOrder("one", "two");
            assertThat(load.failures()).isEmpty();
            assertThat(without.failures()).isEmpty();
        }
    }

    @Test
    void takesAServerDownThatAnswersTheProbeBadly() throws Exception {
        AtomicBoolean sick = new AtomicBoolean();
        try (ScriptedBackend backend = ScriptedBackend.answering(
                        request -> sick.get() && request.target().equals("/healthz")
                                ? "HTTP/1.1 503 Sick\r\nContent-Length: 0\r\n\r\n"
                                : ScriptedBackend.ok("scripted"));
                Fairlead fairlead = fairlead(backend.address(), "protocol: http, path: /healthz")) {
            fairlead.awaitEndpoint(backend.address(), true);
            assertThat(names(fairlead)).containsExactlyInAnyOrder("one", "scripted");
            sick.set(true);
            fairlead.awaitEndpoint(backend.address(), false);
            assertThat(names(fairlead)).containsExactly("one");
            sick.set(false);
            fairlead.awaitEndpoint(backend.address(), true);
            assertThat(names(fairlead)).containsExactlyInAnyOrder("one", "scripted");
        }
    }

    @Test
    void failsAProbeThatTakesTooLong() throws Exception {
        try (ScriptedBackend silent = ScriptedBackend.playing(ScriptedBackend.Connection::awaitEnd);
                Fairlead fairlead = fairlead(silent.address(), "protocol: http, path: /healthz")) {
            fairlead.awaitEndpoint(silent.address(), false);

            assertThat(names(fairlead)).containsExactly("one");
        }
    }

    private static Set<String> names(Fairlead fairlead) throws IOException {
        Set<String> names = new HashSet<>();
        try (Wire wire = Wire.to(fairlead.port("web"))) {
            for (int i = 0; i < 10; i++) {
                names.add(wire.get("/name").text());
            }
        }
        return names;
    }
}
