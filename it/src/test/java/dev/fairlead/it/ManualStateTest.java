package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an operator says of an endpoint of the running program, by its commands.
class ManualStateTest {
    private final int web = Repository.freePort();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private ScriptedBackend one;
    private ScriptedBackend two;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        one = named("one");
        two = named("two");
        fairlead = Fairlead.start(yaml(5));
    }

    /// Says its name; `/slow` only when it may.
    private ScriptedBackend named(String name) throws IOException {
        return ScriptedBackend.answering(request -> {
            if (request.start().contains("/slow")) {
                try {
                    goOn.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return ScriptedBackend.ok(name);
        });
    }

    private String yaml(int attempts) {
        return """
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s", "%s"], attempts: %d}
                """.formatted(web, one.address(), two.address(), attempts);
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

    private String command(int status, String... arguments) throws IOException, InterruptedException {
        return fairlead.command(status, arguments);
    }

    private void assertAllGoTo(String name) throws IOException {
        for (int i = 0; i < 10; i++) {
            try (Wire wire = Wire.to(web)) {
                assertThat(wire.get("/").text()).isEqualTo(name);
            }
        }
    }

    private void assertBothAreUsed() {
        Callable<String> name = () -> {
            try (Wire wire = Wire.to(web)) {
                return wire.get("/").text();
            }
        };
        await().until(name, "one"::equals);
        await().until(name, "two"::equals);
    }

    @Test
    void drainKeepsWhatRunsAndSendsTheRestElsewhere() throws Exception {
        try (Wire slow = Wire.to(web)) {
            slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            await().until(() -> fairlead.metric("fairlead_endpoint_active") == 1);
            boolean isOnOne = fairlead.metric("fairlead_endpoint_active", one.address()) == 1;
            String busy = isOnOne ? one.address() : two.address();
            command(0, "drain", "app", busy);
            assertThat(command(0, "show")).contains("draining");
            assertAllGoTo(isOnOne ? "two" : "one");
            goOn.countDown();
            assertThat(slow.response().text()).isEqualTo(isOnOne ? "one" : "two");
            await().until(() -> command(0, "show").contains("drained"));
            command(0, "auto", "app", busy);
        }
        assertBothAreUsed();
    }

    @Test
    void whatIsSaidOutlastsAReload() throws Exception {
        command(0, "down", "app", one.address());
        command(0, "weight", "app", two.address(), "7");
        fairlead.reload(yaml(4), "done");
        assertAllGoTo("two");
        assertThat(fairlead.metric("fairlead_endpoint_manual", one.address())).isEqualTo(3);
        assertThat(fairlead.metric("fairlead_endpoint_weight", two.address())).isEqualTo(7);
        assertThat(fairlead.admin("/upstreams")).contains("down by hand");
        command(0, "up", "app", one.address());
        command(0, "weight", "app", two.address(), "auto");
        assertBothAreUsed();
    }

    @Test
    void saysWhichThereAre() throws Exception {
        assertThat(command(1, "drain", "app", "127.0.0.1:1")).contains(one.address(), two.address());
        assertThat(command(1, "drain", "ap", one.address())).contains("no upstream ap; there are [app]");
        assertThat(command(1, "weight", "app", one.address(), "1001")).contains("0 to 1000");
    }
}
