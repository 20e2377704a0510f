package dev.fairlead.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.health.CircuitBreaker;
import dev.fairlead.upstream.health.Health;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What an [Upstream] does of itself: ejecting, returning, starting slowly, breaking, obeying an operator, keeping
/// keys.
final class WatchTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Choice ANY = _ -> false;

    private final Upstreams upstreams = new Upstreams(new Metrics(), 5);

    private Upstream upstream(String keys) {
        return upstreams.put(Specs.app(keys));
    }

    private static Map<Endpoint, Integer> picks(Upstream upstream, int count, long now) {
        Map<Endpoint, Integer> picks = new HashMap<>();
        for (int i = 0; i < count; i++) {
            picks.merge(upstream.pick(ANY, now), 1, Integer::sum);
        }
        return picks;
    }

    @Test
    void ejectsWhatFailsInARowAndTakesItBack() {
        Upstream upstream = upstream(Specs.endpoints(3) + ", outliers: {faults: 3, ejection-time: 10s}");
        Endpoint bad = upstream.endpoints().getFirst();
        bad.broke(0, 0);
        bad.answered(5, true, 0);
        upstream.tick(0);
        assertThat(bad.isEjected()).isFalse();
        bad.broke(0, 0);
        upstream.tick(SECOND);
        assertThat(bad.isEjected()).isTrue();
        assertThat(picks(upstream, 20, SECOND)).hasSize(2).doesNotContainKey(bad);
        upstream.tick(10 * SECOND);
        assertThat(bad.isEjected()).isTrue();
        upstream.tick(11 * SECOND);
        assertThat(bad.isEjected()).isFalse();
        assertThat(picks(upstream, 20, SECOND)).hasSize(3);
    }

    @Test
    void aSuccessEndsARow() {
        Upstream upstream = upstream(Specs.endpoints(3) + ", outliers: {faults: 3, connect-failures: 3}");
        Endpoint endpoint = upstream.endpoints().getFirst();
        for (int i = 0; i < 10; i++) {
            endpoint.broke(0, 0);
            endpoint.broke(0, 0);
            endpoint.answered(1, false, 0);
            endpoint.connectFailed(0, true);
            endpoint.connectFailed(0, true);
            endpoint.connected();
        }
        upstream.tick(SECOND);
        assertThat(endpoint.isEjected()).isFalse();
    }

    /// Another of its ports may take all that comes.
    @Test
    void aPortThatRefusesTellsNothingOfAnEndpointThatKeepsPorts() {
        Upstream upstream = upstreams.put(Specs.media("outliers: {connect-failures: 1}, breaker: {outcomes-min: 1}"));
        Endpoint endpoint = upstream.endpoints().getFirst();
        for (int i = 0; i < 10; i++) {
            endpoint.connectFailed(0, true);
        }
        upstream.tick(SECOND);
        assertThat(endpoint.isEjected()).isFalse();
        assertThat(endpoint.isRefusing(1)).isFalse();
        assertThat(picks(upstream, 20, 1)).hasSize(2);
        assertThat(endpoint.connectFailures()).isEqualTo(10);

        endpoint.connectFailed(0, false);
        assertThat(endpoint.isRefusing(1)).isTrue();
        upstream.tick(2 * SECOND);
        assertThat(endpoint.isEjected()).isTrue();
    }

    @Test
    void ejectsNoMoreThanItMay() {
        Upstream upstream = upstream(Specs.endpoints(10) + ", outliers: {faults: 1, ejected-max: 30}");
        upstream.endpoints().forEach(endpoint -> endpoint.broke(0, 0));
        upstream.tick(0);
        upstream.tick(SECOND);
        assertThat(upstream.endpoints().stream().filter(Endpoint::isEjected)).hasSize(3);
        assertThat(upstream.isPanicking()).isFalse();
    }

    @Test
    void ejectsByRateOnlyOverAWholeInterval() {
        Upstream upstream = upstream(Specs.endpoints(6) + ", outliers: {interval: 10s, requests-min: 50, faults: 0}");
        Endpoint bad = upstream.endpoints().getLast();
        upstream.tick(0);
        for (Endpoint endpoint : upstream.endpoints()) {
            IntStream.range(0, 60).forEach(i -> endpoint.answered(SECOND / 100, endpoint == bad && i % 3 == 0, 0));
        }
        upstream.tick(9 * SECOND);
        assertThat(bad.isEjected()).isFalse();
        upstream.tick(10 * SECOND);
        assertThat(upstream.endpoints().stream().filter(Endpoint::isEjected)).containsExactly(bad);
    }

    @Test
    void withoutOutliersNobodyIsEjected() {
        Upstream upstream = upstream(Specs.endpoints(3) + ", outliers: {faults: 1}");
        Endpoint bad = upstream.endpoints().getFirst();
        bad.broke(0, 0);
        upstream.tick(0);
        assertThat(bad.isEjected()).isTrue();
        upstream(Specs.endpoints(3));
        assertThat(bad.isEjected()).isFalse();
        assertThat(picks(upstream, 20, 0)).hasSize(3);
    }

    @Test
    void panicsBelowTheThreshold() {
        Upstream upstream = upstream(Specs.endpoints(4) + ", panic-threshold: 50");
        upstream.health(upstream.endpoints().get(0), Health.DOWN);
        upstream.health(upstream.endpoints().get(1), Health.DOWN);
        assertThat(upstream.isPanicking()).isFalse();
        assertThat(picks(upstream, 20, 0)).hasSize(2);
        upstream.health(upstream.endpoints().get(2), Health.DOWN);
        assertThat(upstream.isPanicking()).isTrue();
        assertThat(picks(upstream, 20, 0)).hasSize(4);
    }

    @Test
    void startsSlowlyAfterRecoveryAndAfterJoining() {
        Upstream upstream = upstream(Specs.endpoints(2) + ", slow-start: 20s, balancer: random");
        Endpoint first = upstream.endpoints().getFirst();
        assertThat(first.slowStartPercent()).as("all together at the start").isEqualTo(100);
        upstream.health(first, Health.DOWN);
        upstream.health(first, Health.UP);
        upstreams.put(Specs.app(Specs.endpoints(3) + ", slow-start: 20s, balancer: random"));
        Endpoint joined = upstream.endpoints().getLast();
        assertThat(first.slowStartPercent()).isEqualTo(10);
        assertThat(joined.slowStartPercent()).isEqualTo(10);
        assertThat(picks(upstream, 12_000, 0).get(first)).isBetween(800, 1200);
        upstream.tick(0);
        upstream.tick(10 * SECOND);
        assertThat(joined.slowStartPercent()).isEqualTo(50);
        assertThat(picks(upstream, 12_000, 0).get(joined)).isBetween(2700, 3300);
        upstream.tick(20 * SECOND);
        assertThat(picks(upstream, 12_000, 0).get(first)).isBetween(3700, 4300);
    }

    @Test
    void withoutSlowStartARecoveredEndpointIsWhole() {
        Upstream upstream = upstream(Specs.endpoints(2));
        Endpoint first = upstream.endpoints().getFirst();
        upstream.health(first, Health.DOWN);
        upstream.health(first, Health.UP);
        assertThat(first.slowStartPercent()).isEqualTo(100);
    }

    @Test
    void theBreakerOpensAndCloses() {
        Upstream upstream =
                upstream(Specs.endpoints(2) + ", breaker: {outcomes-min: 4, window: 10s, open-time: 5s, trials: 2}");
        Endpoint endpoint = upstream.endpoints().getFirst();
        endpoint.answered(1, false, 0);
        endpoint.connectFailed(0, true);
        endpoint.broke(1, 0);
        assertThat(upstream.pick(ANY, 0)).isNotNull();
        endpoint.answered(1, true, 0);
        assertThat(upstream.breakerState()).isEqualTo(CircuitBreaker.State.OPEN);
        assertThat(upstream.pick(ANY, SECOND)).isNull();
        assertThat(upstream.pick(ANY, 5 * SECOND)).isNotNull();
        assertThat(upstream.pick(ANY, 5 * SECOND)).isNotNull();
        assertThat(upstream.pick(ANY, 5 * SECOND)).isNull();
        endpoint.answered(1, false, 6 * SECOND);
        endpoint.answered(1, false, 6 * SECOND);
        assertThat(upstream.breakerState()).isEqualTo(CircuitBreaker.State.CLOSED);
        assertThat(upstream.pick(ANY, 6 * SECOND)).isNotNull();
    }

    @Test
    void anOperatorsWordOutlastsAReload() {
        Upstream upstream = upstream(Specs.endpoints(3));
        Endpoint drained = upstream.endpoints().get(0);
        Endpoint heavy = upstream.endpoints().get(1);
        upstream.manual(drained, Manual.DRAIN);
        upstream.weight(heavy, 3);
        UpstreamSpec changed = Specs.app(Specs.endpoints(4));
        upstreams.put(changed);
        assertThat(drained.manual()).isEqualTo(Manual.DRAIN);
        Map<Endpoint, Integer> picks = picks(upstream, 50, 0);
        assertThat(picks).hasSize(3).doesNotContainKey(drained).containsEntry(heavy, 30);
        upstream.manual(drained, Manual.AUTO);
        upstream.weight(heavy, Endpoint.NO_WEIGHT);
        assertThat(picks(upstream, 40, 0)).containsEntry(drained, 10).containsEntry(heavy, 10);
    }

    @Test
    void anOperatorsWordGoesBeforeProbes() {
        Upstream upstream = upstream(Specs.endpoints(2));
        Endpoint first = upstream.endpoints().get(0);
        Endpoint second = upstream.endpoints().get(1);
        upstream.manual(first, Manual.UP);
        upstream.health(first, Health.DOWN);
        upstream.manual(second, Manual.DOWN);
        assertThat(picks(upstream, 10, 0)).containsOnlyKeys(first);
        upstream.manual(first, Manual.DOWN);
        assertThat(upstream.pick(ANY, 0)).as("not even in a panic").isNull();
    }

    @Test
    void onlyMaxRequestsBegin() throws InterruptedException {
        Upstream upstream = upstream("endpoints: [{address: \"10.0.0.1:80\", max-requests: 5}]");
        Endpoint endpoint = upstream.endpoints().getFirst();
        int[] begun = new int[4];
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            int index = i;
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int k = 0; k < 1000; k++) {
                    begun[index] += endpoint.tryBegin() ? 1 : 0;
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(IntStream.of(begun).sum()).isEqualTo(5);
        endpoint.end();
        assertThat(endpoint.tryBegin()).isTrue();
    }

    private record Keyed(HashKey has, long value, long source) implements Choice {
        @Override
        public boolean hasTried(Endpoint endpoint) {
            return false;
        }

        @Override
        public long hash(HashKey key) {
            return key.equals(has) ? value : key.equals(HashKey.SOURCE_ADDRESS) ? source : NO_KEY;
        }
    }

    @Test
    void aKeyStaysAndAMissingOneGoesBySource() {
        Upstream upstream =
                upstream(Specs.endpoints(9) + ", balancer: {algorithm: maglev, key: {header: X-User}, load-bound: 0}");
        HashKey header = new HashKey.Header("X-User");
        HashKey other = new HashKey.Cookie("id");
        Set<Endpoint> byKey = new HashSet<>();
        Set<Endpoint> bySource = new HashSet<>();
        Set<Endpoint> bySameSource = new HashSet<>();
        Set<Endpoint> byChance = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            byKey.add(upstream.pick(new Keyed(header, Hash.of("alice"), Hash.mix(i + 1)), 0));
            bySource.add(upstream.pick(new Keyed(other, Hash.of("alice"), Hash.mix(i + 1)), 0));
            bySameSource.add(upstream.pick(new Keyed(other, Hash.mix(i + 1), Hash.of("client")), 0));
            byChance.add(upstream.pick(new Keyed(other, 1, Choice.NO_KEY), 0));
        }
        assertThat(byKey).hasSize(1);
        assertThat(bySource).hasSize(9);
        assertThat(bySameSource).hasSize(1);
        assertThat(byChance).hasSize(9);
    }

    @Test
    void everyAlgorithmPicksEveryEndpoint() {
        for (String word :
                new String[] {"round-robin", "random", "least-load", "power-of-two", "latency", "maglev", "ring-hash"
                }) {
            Upstream upstream = upstream(Specs.endpoints(4) + ", balancer: " + word);
            assertThat(picks(upstream, 400, 0)).as(word).hasSize(4);
        }
        Upstream upstream = upstream(Specs.endpoints(4) + ", balancer: first");
        assertThat(picks(upstream, 10, 0)).containsOnlyKeys(upstream.endpoints().getFirst());
    }
}
