package dev.fairlead.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.SubsetSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.metrics.PrometheusPage;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.health.Health;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Endpoints 1 and 2 are `v1`, 3 and 4 are `v2`, 5 has no label.
final class SubsetTest {
    private static final String ENDPOINTS = """
            endpoints: [{address: "10.0.0.1:80", labels: {version: v1}}, {address: "10.0.0.2:80", labels: {version: v1}},
            {address: "10.0.0.3:80", labels: {version: v2}}, {address: "10.0.0.4:80", labels: {version: v2}},
            10.0.0.5:80], subset: {label: version, %s}%s
            """;

    private static Upstream upstream(String subset, String more) {
        return new Upstreams(new Metrics(), 7).put(Specs.app(ENDPOINTS.formatted(subset, more)));
    }

    /// A request with this version in its field, or without the field; it may bring the proof of an endpoint.
    private record Request(
            @Nullable String version, @Nullable Endpoint stuck) implements Choice {
        @Override
        public boolean hasTried(Endpoint endpoint) {
            return false;
        }

        @Override
        public long hash(HashKey key) {
            boolean isVersion = key instanceof HashKey.Header(String name) && name.equals("X-Version");
            return isVersion && version != null ? Hash.of(version) : NO_KEY;
        }

        @Override
        public @Nullable Endpoint stuckTo() {
            return stuck;
        }
    }

    /// The last numbers of the addresses that such requests get.
    private static String picks(Upstream upstream, @Nullable String version) {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            Endpoint endpoint = upstream.pick(new Request(version, null), 0);
            names.add(endpoint == null ? "none" : endpoint.name().substring(7, 8));
        }
        return String.join(" ", names);
    }

    @Test
    void aValueInTheConfigChoosesForAll() {
        Upstream upstream = upstream("value: v2", "");
        assertThat(picks(upstream, null)).isEqualTo("3 4");
        assertThat(picks(upstream, "v1")).as("no header is asked for").isEqualTo("3 4");
    }

    @Test
    void aRequestNamesItsSubset() {
        Upstream upstream = upstream("header: X-Version", "");
        assertThat(picks(upstream, "v1")).isEqualTo("1 2");
        assertThat(picks(upstream, "v2")).isEqualTo("3 4");
        assertThat(picks(upstream, null)).isEqualTo("1 2 3 4 5");
        assertThat(picks(upstream, "v3")).isEqualTo("1 2 3 4 5");
    }

    @Test
    void theValueIsForRequestsThatNameNone() {
        Upstream upstream = upstream("header: X-Version, value: v1", "");
        assertThat(picks(upstream, "v2")).isEqualTo("3 4");
        assertThat(picks(upstream, null)).isEqualTo("1 2");
        assertThat(picks(upstream, "v3")).isEqualTo("1 2");
    }

    @Test
    void withoutFallbackThereIsNoEndpoint() {
        Upstream upstream = upstream("header: X-Version, fallback: none", "");
        assertThat(picks(upstream, "v2")).isEqualTo("3 4");
        assertThat(picks(upstream, null)).isEqualTo("none");
        assertThat(picks(upstream, "v3")).isEqualTo("none");
    }

    /// A subset panics by itself: another version is no help.
    @Test
    void aSubsetThatIsDownIsUsedNonetheless() {
        Upstream upstream = upstream("header: X-Version", "");
        upstream.health(upstream.endpoints().get(2), Health.DOWN);
        assertThat(picks(upstream, "v2")).isEqualTo("4");
        upstream.health(upstream.endpoints().get(3), Health.DOWN);
        assertThat(picks(upstream, "v2")).isEqualTo("3 4");
        assertThat(upstream.isPanicking()).isTrue();
        assertThat(picks(upstream, null)).isEqualTo("1 2 5");
    }

    @Test
    void stickinessStaysInTheSubset() {
        Upstream upstream = upstream("header: X-Version", ", sticky: {cookie: at}");
        Endpoint second = upstream.endpoints().get(1);
        assertThat(upstream.pick(new Request("v1", second), 0)).isSameAs(second);
        assertThat(upstream.pick(new Request(null, second), 0)).isSameAs(second);
        assertThat(upstream.pick(new Request("v2", second), 0)).isNotSameAs(second);
    }

    @Test
    void keysAndSubsetsGoTogether() {
        Upstream upstream = upstream("header: X-Version", ", balancer: maglev");
        assertThat(picks(upstream, "v2")).isEqualTo("3 4");
    }

    @Test
    void followsLabelsThatChange() {
        Upstreams upstreams = new Upstreams(new Metrics(), 7);
        Upstream upstream = upstreams.put(Specs.app(ENDPOINTS.formatted("header: X-Version", "")));
        upstreams.put(Specs.app(ENDPOINTS
                .formatted("header: X-Version", "")
                .replace("10.0.0.5:80", "{address: \"10.0.0.5:80\", labels: {version: v2}}")));
        assertThat(picks(upstream, "v2")).isEqualTo("3 4 5");
    }

    /// Discovery may find any number of values: those that are too many have no name, and are counted.
    @Test
    void countsTheValuesThatCannotBeNamed() throws UnknownHostException {
        Metrics metrics = new Metrics();
        Upstreams upstreams = new Upstreams(metrics, 7);
        UpstreamSpec spec = Specs.app(ENDPOINTS.formatted("header: X-Version", ""));
        assertThat(upstreams.put(spec).name()).isEqualTo("app");
        assertThat(PrometheusPage.of(metrics)).contains("fairlead_upstream_subsets_unnamed{upstream=\"app\"} 0");
        List<EndpointSpec> found = new ArrayList<>();
        for (int i = 0; i < SubsetSpec.VALUES_MAX + 2; i++) {
            Address address = new Address(InetAddress.getByAddress(new byte[] {10, 1, (byte) (i >> 8), (byte) i}), 80);
            Map<String, String> labels = Map.of("version", String.format("n%03d", i));
            found.add(new EndpointSpec(address, 1, 0, 0, 0, null, false, labels, null));
        }
        Upstream upstream = upstreams.put(spec.with(found));
        assertThat(PrometheusPage.of(metrics)).contains("fairlead_upstream_subsets_unnamed{upstream=\"app\"} 2");
        assertThat(named(upstream, "n255")).isEqualTo("10.1.0.255:80");
        assertThat(upstream.pick(new Request("n256", null), 0))
                .as("goes by the fallback, from one to the next")
                .isNotSameAs(upstream.pick(new Request("n256", null), 0));
    }

    private static String named(Upstream upstream, String version) {
        Endpoint endpoint = upstream.pick(new Request(version, null), 0);
        return endpoint == null ? "none" : endpoint.name();
    }
}
