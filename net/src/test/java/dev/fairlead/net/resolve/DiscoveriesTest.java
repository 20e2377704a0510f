package dev.fairlead.net.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.DiscoverSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.QueueSpec;
import dev.fairlead.config.ResolverSpec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.resolve.Discovery.Failed;
import dev.fairlead.net.resolve.Discovery.Found;
import dev.fairlead.net.resolve.Discovery.Gone;
import dev.fairlead.upstream.Origin;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// When sources are asked, and what becomes of their answers: without a network, a disk or a clock.
@ExtendWith(NoLeaks.class)
class DiscoveriesTest {
    private static final Duration TTL = Duration.ofSeconds(30);
    private static final Source APP = new Source.Name(new NamedAddress("app.example", 80));
    private static final Source FILE = new Source.File("/run/app.yaml", false);

    private final Metrics metrics = new Metrics();
    private final Queue<Runnable> control = new ArrayDeque<>();
    private final Map<Source, CompletableFuture<Discovery.Answer>> open = new HashMap<>();
    private final List<Source> closed = new ArrayList<>();
    private final List<Timer> timers = new ArrayList<>();
    private final List<List<String>> published = new ArrayList<>();
    private double random;

    private final Discoveries discoveries = new Discoveries(
            new Origins() {
                @Override
                public Discovery of(Source source) {
                    return new Scripted(source);
                }

                @Override
                public void follow(ResolverSpec spec) {}

                @Override
                public void close() {}
            },
            metrics,
            control::add,
            (wait, task) -> {
                Timer timer = new Timer(wait, task);
                timers.add(timer);
                return () -> timers.remove(timer);
            },
            () -> random,
            resolved -> published.add(text(resolved)));

    private record Timer(Duration after, Runnable task) {}

    private final class Scripted implements Discovery {
        private final Source source;

        Scripted(Source source) {
            this.source = source;
        }

        @Override
        public CompletableFuture<Answer> ask() {
            CompletableFuture<Answer> question = new CompletableFuture<>();
            open.put(source, question);
            return question;
        }

        @Override
        public void close() {
            closed.add(source);
        }
    }

    private void answer(Source source, Discovery.Answer answer) {
        open.remove(source).complete(answer);
        runControl();
    }

    private void runControl() {
        for (Runnable task = control.poll(); task != null; task = control.poll()) {
            task.run();
        }
    }

    private void expire() {
        assertThat(timers).hasSize(1);
        timers.removeFirst().task().run();
        runControl();
    }

    private static Found found(String... addresses) {
        return new Found(Arrays.stream(addresses).map(each -> endpoint(each, 1)).toList(), TTL);
    }

    private static EndpointSpec endpoint(String text, int weight) {
        String host = text.substring(0, text.indexOf(':'));
        int port = Integer.parseInt(text.substring(text.indexOf(':') + 1));
        return new EndpointSpec(
                Character.isDigit(host.charAt(0))
                        ? new Address(InetAddress.ofLiteral(host), port)
                        : new NamedAddress(host, port),
                weight,
                0);
    }

    private static List<String> text(Resolved resolved) {
        return resolved.spec().endpoints().stream()
                .map(each -> each.resolved() + " " + each.weight())
                .toList();
    }

    private static UpstreamSpec spec(@Nullable String file, EndpointSpec... endpoints) {
        return discovering(file == null ? null : new DiscoverSpec(null, file, false), endpoints);
    }

    private static UpstreamSpec discovering(@Nullable DiscoverSpec discover, EndpointSpec... endpoints) {
        return new UpstreamSpec(
                "app",
                List.of(endpoints),
                BalancerSpec.ROUND_ROBIN,
                null,
                new UpstreamTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                new PoolSpec(0, Duration.ofSeconds(1)),
                QueueSpec.OFF,
                null,
                3,
                null,
                0,
                Duration.ZERO,
                null,
                null,
                discover,
                null,
                RetrySpec.DEFAULT);
    }

    @Test
    void givesEveryAddressTheSettingsOfItsName() {
        assertThat(text(discoveries.follow(spec(null, endpoint("127.0.0.9:1", 2), endpoint("app.example:80", 5)))))
                .containsExactly("127.0.0.9:1 2");
        answer(APP, found("127.0.0.1:80", "127.0.0.2:80"));

        assertThat(published).containsExactly(List.of("127.0.0.9:1 2", "127.0.0.1:80 5", "127.0.0.2:80 5"));
        assertThat(metrics.counter(Metric.DISCOVERY_LOOKUPS, "app", "app.example:80", "found")
                        .value())
                .isEqualTo(1);
    }

    @Test
    void asksAgainWhenTheAnswerExpiresAndNotBefore() {
        random = 0.5;
        discoveries.follow(spec(null, endpoint("app.example:80", 1)));
        answer(APP, found("127.0.0.1:80"));

        assertThat(open).isEmpty();
        assertThat(timers)
                .singleElement()
                .satisfies(timer -> assertThat(timer.after())
                        .as("the TTL, and half the jitter")
                        .isEqualTo(Duration.ofMillis(31_500)));
        expire();
        assertThat(open).containsOnlyKeys(APP);
    }

    @Test
    void publishesNothingWhenNothingHasChanged() {
        discoveries.follow(spec(null, endpoint("app.example:80", 1)));
        answer(APP, found("127.0.0.1:80"));
        expire();
        answer(APP, found("127.0.0.1:80"));

        assertThat(published).hasSize(1);
    }

    @Test
    void keepsTheLastAnswerWhenALookupFails() {
        discoveries.follow(spec(null, endpoint("app.example:80", 1)));
        answer(APP, found("127.0.0.1:80"));
        expire();
        answer(APP, new Failed("SERVFAIL", Duration.ofSeconds(2)));

        assertThat(published).hasSize(1);
        assertThat(text(discoveries.follow(spec(null, endpoint("app.example:80", 1)))))
                .containsExactly("127.0.0.1:80 1");
        assertThat(timers)
                .singleElement()
                .satisfies(timer -> assertThat(timer.after()).isEqualTo(Duration.ofSeconds(2)));
        assertThat(metrics.counter(Metric.DISCOVERY_LOOKUPS, "app", "app.example:80", "failed")
                        .value())
                .isEqualTo(1);
    }

    @Test
    void endpointsOfANameThatIsGoneGo() {
        discoveries.follow(spec(null, endpoint("app.example:80", 1), endpoint("127.0.0.9:1", 1)));
        answer(APP, found("127.0.0.1:80"));
        expire();
        answer(APP, new Gone("NXDOMAIN", Duration.ofSeconds(2)));

        assertThat(published.getLast()).containsExactly("127.0.0.9:1 1");
        expire();
        answer(APP, found("127.0.0.1:80"));
        assertThat(published.getLast()).contains("127.0.0.1:80 1");
    }

    @Test
    void saysWhereEndpointsComeFrom() {
        discoveries.follow(spec("/run/app.yaml", endpoint("127.0.0.9:1", 1), endpoint("app.example:80", 1)));
        answer(APP, found("127.0.0.1:80"));
        timers.clear();
        answer(FILE, new Found(List.of(endpoint("127.0.0.9:1", 3), endpoint("127.0.0.8:1", 3)), TTL));

        Resolved resolved =
                discoveries.follow(spec("/run/app.yaml", endpoint("127.0.0.9:1", 1), endpoint("app.example:80", 1)));
        assertThat(resolved.origins())
                .containsOnly(
                        Map.entry(
                                endpoint("127.0.0.1:80", 1).address(),
                                new Origin("dns app.example:80", "app.example", "app.example")),
                        Map.entry(endpoint("127.0.0.8:1", 1).address(), Origin.without("file /run/app.yaml")));
    }

    @Test
    void takesABrokenQuestionForAFailedOne() {
        discoveries.follow(spec(null, endpoint("app.example:80", 1)));
        open.remove(APP).completeExceptionally(new IllegalStateException("broken"));
        runControl();

        assertThat(timers).hasSize(1);
    }

    @Test
    void letsGoOfWhatVanishes() {
        discoveries.follow(spec(null, endpoint("app.example:80", 1)));
        answer(APP, found("127.0.0.1:80", "127.0.0.2:80"));
        expire();
        answer(APP, found("127.0.0.2:80"));

        assertThat(published.getLast()).containsExactly("127.0.0.2:80 1");
    }

    @Test
    void resolvesTheNamesThatAFileLists() {
        discoveries.follow(spec("/run/app.yaml"));
        answer(FILE, new Found(List.of(endpoint("127.0.0.1:1", 3), endpoint("app.example:80", 4)), TTL));
        timers.clear();
        answer(APP, found("127.0.0.2:80"));
        assertThat(published.getLast()).containsExactly("127.0.0.1:1 3", "127.0.0.2:80 4");

        discoveries.follow(ignored());
        answer(FILE, found("127.0.0.1:1"));

        assertThat(closed).containsExactly(APP);
        assertThat(published.getLast()).containsExactly("127.0.0.1:1 1");
    }

    /// A change of settings makes every source be asked again now.
    private static ResolverSpec ignored() {
        return new ResolverSpec(List.of(), TTL, TTL, TTL, TTL, ResolverSpec.Family.ANY, TTL);
    }

    @Test
    void takesTheFirstOfTwoAtOneAddress() {
        discoveries.follow(spec("/run/app.yaml", endpoint("127.0.0.1:80", 7)));
        answer(FILE, found("127.0.0.1:80", "127.0.0.2:80"));

        assertThat(published.getLast()).containsExactly("127.0.0.1:80 7", "127.0.0.2:80 1");
    }

    @Test
    void keepsWhatItHadUntilNewSourcesHaveAnswered() {
        discoveries.follow(spec(null, endpoint("127.0.0.9:80", 1)));

        assertThat(text(discoveries.follow(spec(null, endpoint("app.example:80", 1)))))
                .containsExactly("127.0.0.9:80 1");
        answer(APP, found("127.0.0.1:80"));
        assertThat(published).containsExactly(List.of("127.0.0.1:80 1"));
    }

    /// Config and file cannot change in one step.
    @Test
    void goesOnWithWhatAFileSaidUntilItIsReadTheNewWay() {
        Source kept = new Source.File("/run/app.yaml", true);
        discoveries.follow(spec("/run/app.yaml"));
        answer(FILE, found("127.0.0.1:80"));
        timers.clear();

        assertThat(text(discoveries.follow(discovering(new DiscoverSpec(null, "/run/app.yaml", true)))))
                .containsExactly("127.0.0.1:80 1");
        assertThat(closed).containsExactly(FILE);
        answer(kept, new Failed("it has ports", TTL));
        assertThat(published.getLast()).containsExactly("127.0.0.1:80 1");
        assertThat(metrics.counter(Metric.DISCOVERY_LOOKUPS, "app", "file /run/app.yaml", "failed")
                        .value())
                .as("the new one's, under the same name")
                .isEqualTo(1);
        expire();
        answer(kept, found("127.0.0.3:80"));
        assertThat(published.getLast()).containsExactly("127.0.0.3:80 1");
    }

    @Test
    void keepsDiscoveredEndpointsOverAReload() {
        discoveries.follow(spec(null, endpoint("app.example:80", 1)));
        answer(APP, found("127.0.0.1:80"));

        assertThat(text(discoveries.follow(spec(null, endpoint("app.example:80", 9)))))
                .containsExactly("127.0.0.1:80 9");
        assertThat(open).as("nothing is asked anew").isEmpty();
    }

    @Test
    void saysWhenEverySourceHasAnswered() {
        discoveries.follow(spec("/run/app.yaml", endpoint("app.example:80", 1)));
        CompletableFuture<Void> answered = discoveries.answered().toCompletableFuture();
        answer(APP, new Failed("NXDOMAIN", TTL));
        assertThat(answered).isNotDone();
        answer(FILE, found());

        assertThat(answered).isDone();
    }

    @Test
    void heedsNoAnswerThatComesAfterTheEnd() {
        discoveries.follow(spec(null, endpoint("app.example:80", 1)));
        CompletableFuture<Discovery.Answer> late = open.get(APP);
        discoveries.forget("app");
        late.complete(found("127.0.0.1:80"));
        runControl();

        assertThat(published).isEmpty();
        assertThat(timers).isEmpty();
        assertThat(closed).containsExactly(APP);
    }
}
