package dev.fairlead.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.metrics.PrometheusPage;
import dev.fairlead.upstream.health.Health;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class UpstreamTest {
    private static final long NOW = -5;
    private static final Choice FIRST_ATTEMPT = _ -> false;

    private final Metrics metrics = new Metrics();
    private final Upstreams upstreams = new Upstreams(metrics);

    @Test
    void picksByWeight() {
        Upstream upstream = upstreams.put(spec(endpoint(1, 3), endpoint(2, 1), endpoint(3, 0)));
        Map<String, Integer> picks = picks(upstream, 40);
        assertThat(picks)
                .containsEntry("127.0.0.1:1", 30)
                .containsEntry("127.0.0.1:2", 10)
                .hasSize(2);
    }

    @Test
    void picksNoEndpointThatIsDown() {
        Upstream upstream = upstreams.put(spec(endpoint(1, 1), endpoint(2, 1), endpoint(3, 1)));
        upstream.health(upstream.endpoints().get(1), Health.DOWN);
        assertThat(picks(upstream, 10)).containsOnlyKeys("127.0.0.1:1", "127.0.0.1:3");
        upstream.health(upstream.endpoints().get(1), Health.UP);
        assertThat(picks(upstream, 30)).hasSize(3);
    }

    @Test
    void picksAmongAllWhenAllAreDown() {
        Upstream upstream = upstreams.put(spec(endpoint(1, 1), endpoint(2, 1)));
        upstream.endpoints().forEach(endpoint -> upstream.health(endpoint, Health.DOWN));
        assertThat(picks(upstream, 10)).hasSize(2);
    }

    @Test
    void passesOverWhatRefusedForASecond() {
        Upstream upstream = upstreams.put(spec(endpoint(1, 1), endpoint(2, 1)));
        upstream.endpoints().getFirst().connectFailed(NOW, true);
        assertThat(picks(upstream, 10)).containsOnlyKeys("127.0.0.1:2");
        assertThat(upstream.pick(FIRST_ATTEMPT, NOW + Outcomes.REFUSED_NANOS)).isNotNull();
        assertThat(Stream.generate(() -> upstream.pick(FIRST_ATTEMPT, NOW + Outcomes.REFUSED_NANOS))
                        .limit(2)
                        .map(Endpoint::name))
                .containsExactlyInAnyOrder("127.0.0.1:1", "127.0.0.1:2");
    }

    @Test
    void picksWhatRefusedWhenNothingElseIsThere() {
        Upstream upstream = upstreams.put(spec(endpoint(1, 1)));
        upstream.endpoints().getFirst().connectFailed(NOW, true);
        assertThat(upstream.pick(FIRST_ATTEMPT, NOW)).isNotNull();
    }

    @Test
    void picksNoneThatWasTried() {
        Upstream upstream = upstreams.put(spec(endpoint(1, 1), endpoint(2, 1), endpoint(3, 0)));
        Endpoint first = upstream.endpoints().get(0);
        Endpoint second = upstream.endpoints().get(1);
        for (int i = 0; i < 4; i++) {
            assertThat(upstream.pick(first::equals, NOW)).isSameAs(second);
        }
        assertThat(upstream.pick(Set.of(first, second)::contains, NOW)).isNull();
        assertThat(metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "app").value()).isEqualTo(1);
    }

    @Test
    void keepsEndpointsWhoseAddressStays() {
        Upstream upstream = upstreams.put(spec(endpoint(1, 1), endpoint(2, 1)));
        Endpoint stays = upstream.endpoints().get(0);
        Endpoint leaves = upstream.endpoints().get(1);
        upstream.health(stays, Health.DOWN);
        upstreams.put(spec(endpoint(3, 1), endpoint(1, 7)));
        assertThat(upstream.endpoints()).hasSize(2).contains(stays).doesNotContain(leaves);
        assertThat(stays.health()).isEqualTo(Health.DOWN);
        assertThat(stays.spec().weight()).isEqualTo(7);
        assertThat(stays.isGone()).isFalse();
        assertThat(leaves.isGone()).isTrue();
    }

    @Test
    void ofEachEndpointThePageTellsTheSameBeforeAndAfterItCounts() {
        Endpoint endpoint = upstreams
                .put(spec(new EndpointSpec(new Address(InetAddress.getLoopbackAddress(), 1), 1, 5)))
                .endpoints()
                .getFirst();
        List<String> before = series();
        assertThat(before).anyMatch(line -> line.startsWith("fairlead_endpoint_picks_total{") && line.endsWith(" 0"));

        endpoint.begin();
        endpoint.end();

        List<String> after = series();
        assertThat(after).anyMatch(line -> line.startsWith("fairlead_endpoint_picks_total{") && line.endsWith(" 1"));
        assertThat(after.stream().map(UpstreamTest::name))
                .containsExactlyElementsOf(
                        before.stream().map(UpstreamTest::name).toList());
    }

    private List<String> series() {
        return PrometheusPage.of(metrics)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static String name(String line) {
        return line.substring(0, line.lastIndexOf(' '));
    }

    @Test
    void opensNoMoreConnectionsThanAnEndpointMay() throws InterruptedException {
        Upstream upstream =
                upstreams.put(spec(new EndpointSpec(new Address(InetAddress.getLoopbackAddress(), 1), 1, 5)));
        Endpoint endpoint = upstream.endpoints().getFirst();
        Thread[] threads = new Thread[4];
        int[] opened = new int[threads.length];
        for (int i = 0; i < threads.length; i++) {
            int index = i;
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int k = 0; k < 1000; k++) {
                    opened[index] += endpoint.tryOpenConnection() ? 1 : 0;
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(opened[0] + opened[1] + opened[2] + opened[3]).isEqualTo(5);
        assertThat(endpoint.connections()).isEqualTo(5);
        assertThat(metrics.counter(Metric.ENDPOINT_LIMIT_HITS, "app", endpoint.name())
                        .value())
                .isEqualTo(3995);
        endpoint.connectionClosed();
        assertThat(endpoint.tryOpenConnection()).isTrue();
    }

    private static Map<String, Integer> picks(Upstream upstream, int count) {
        Map<String, Integer> picks = new HashMap<>();
        for (int i = 0; i < count; i++) {
            picks.merge(upstream.pick(FIRST_ATTEMPT, NOW).name(), 1, Integer::sum);
        }
        return picks;
    }

    private static EndpointSpec endpoint(int port, int weight) {
        return new EndpointSpec(new Address(InetAddress.getLoopbackAddress(), port), weight, 0);
    }

    private static UpstreamSpec spec(EndpointSpec... endpoints) {
        return new UpstreamSpec(
                "app",
                List.of(endpoints),
                BalancerSpec.ROUND_ROBIN,
                null,
                new UpstreamTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                new PoolSpec(0, Duration.ofSeconds(1)),
                3);
    }
}
