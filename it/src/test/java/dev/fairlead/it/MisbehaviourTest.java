package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Servers do all that servers do when they go wrong, one after the other and two at once, and no client that asks
/// for what may be asked for twice sees any of it. Two of the three endpoints may be put out together: with one, a slow
/// server stays in while another is away, and clients do nothing but wait for it.
class MisbehaviourTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private enum Mood {
        WELL,
        SLOW,
        FAULTY,
        RESETTING
    }

    private final CountDownLatch goOn = new CountDownLatch(1);
    private volatile Mood mood = Mood.WELL;
    private Dnsmasq dns;
    private NginxBackend steady;
    private NginxBackend refusing;
    private ScriptedBackend moody;

    @BeforeEach
    void start() throws IOException {
        steady = NginxBackend.start("steady");
        refusing = NginxBackend.start("refusing");
        moody = ScriptedBackend.playing(this::play);
        dns = Dnsmasq.start("_none._tcp.example,steady.example,1,0,0");
    }

    @AfterEach
    void stop() throws IOException {
        goOn.countDown();
        dns.close();
        moody.close();
        refusing.close();
        steady.close();
    }

    private void play(ScriptedBackend.Connection connection) throws IOException, InterruptedException {
        for (Optional<Message> request = connection.request(); request.isPresent(); request = connection.request()) {
            switch (mood) {
                case WELL -> connection.send(ScriptedBackend.ok("moody"));
                case SLOW -> {
                    goOn.await(60, TimeUnit.SECONDS);
                    return;
                }
                case FAULTY -> connection.send("HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\noh");
                case RESETTING -> {
                    connection.reset();
                    return;
                }
            }
        }
    }

    private static void more(Load load) {
        long seen = load.answered();
        await().atMost(SOON)
                .until(() -> load.answered() > seen + 100 || !load.failures().isEmpty());
    }

    @Test
    void noIdempotentRequestFailsWhateverServersDo() throws Exception {
        String[] all = {"127.0.0.1 steady.example", "127.0.0.1 refusing.example", "127.0.0.1 moody.example"};
        dns.hosts(all);
        try (Fairlead fairlead = Fairlead.start(
                """
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app:
                    endpoints: ["steady.example:%d", "refusing.example:%d", "moody.example:%d"]
                    attempts: 4
                    retry: {statuses: [500-504], attempt-timeout: 3s, budget: 100, budget-min: 100}
                    outliers: {faults: 5, ejection-time: 1s, ejected-max: 70}
                resolver: {servers: ["%s"], timeout: 500ms, ttl-min: 100ms, retry: 100ms, keep: 1s}
                """.formatted(Repository.freePort(), steady.port(), refusing.port(), moody.port(), dns.address()))) {
            fairlead.awaitEndpoint(moody.address(), true);
            Load load = Load.on(fairlead.port("web"), 4);
            try (load) {
                more(load);
                for (Mood next : new Mood[] {Mood.FAULTY, Mood.RESETTING, Mood.SLOW}) {
                    mood = next;
                    more(load);
                    refusing.stop();
                    more(load);
                    refusing.start();
                    mood = Mood.WELL;
                    more(load);
                }
                dns.hosts(all[0], all[1]);
                await().atMost(SOON).until(() -> !fairlead.admin("/upstreams").contains(moody.address()));
                more(load);
                dns.hosts(all);
                fairlead.awaitEndpoint(moody.address(), true);
                double before = fairlead.metric("fairlead_endpoint_picks_total", moody.address());
                await().atMost(SOON)
                        .until(() -> fairlead.metric("fairlead_endpoint_picks_total", moody.address()) > before);
            }

            assertThat(load.failures()).isEmpty();
            assertThat(load.refused()).isZero();
        }
    }
}
