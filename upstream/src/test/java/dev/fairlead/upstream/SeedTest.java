package dev.fairlead.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.balance.Hash;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every process has a seed of its own.
final class SeedTest {
    private record Key(long hash) implements Choice {
        @Override
        public boolean hasTried(Endpoint endpoint) {
            return false;
        }

        @Override
        public long hash(HashKey key) {
            return hash;
        }
    }

    private static List<String> picks(long seed, String balancer) {
        String spec = Specs.endpoints(7) + ", balancer: " + balancer;
        Upstream upstream = new Upstreams(new Metrics(), seed).put(Specs.app(spec));
        return IntStream.range(0, 300)
                .mapToObj(i -> String.valueOf(upstream.pick(new Key(Hash.mix(i + 1)), 0)))
                .toList();
    }

    /// A restart keeps a client's endpoint, and all nodes agree on it.
    @ParameterizedTest
    @ValueSource(strings = {"maglev", "ring-hash"})
    void keysGoToTheSameEndpointInEveryProcess(String balancer) {
        assertThat(picks(1, balancer)).isEqualTo(picks(2, balancer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"round-robin", "random", "least-load", "power-of-two", "latency"})
    void otherBalancersBeginElsewhereInEveryProcess(String balancer) {
        assertThat(picks(1, balancer)).isNotEqualTo(picks(2, balancer));
        assertThat(picks(1, balancer)).isEqualTo(picks(1, balancer));
    }
}
