package dev.fairlead.l4;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.Cidr;
import dev.fairlead.config.ClientHelloSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.FlowSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.ShareSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.TcpMatchSpec;
import dev.fairlead.config.TcpRouteSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.tls.ClientHello;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class FlowRoutesTest {
    private final Upstreams upstreams = new Upstreams(new Metrics());
    private final List<TcpRouteSpec> routes = new ArrayList<>();

    @Test
    void takesTheMostSpecificNameWhereverItStands() throws Exception {
        route("any", null, List.of());
        route("wide", "*.example", List.of());
        route("narrow", "*.a.example", List.of());
        route("exact", "x.a.example", List.of());
        FlowRoutes table = table(null);
        assertThat(lead(table, "x.a.example")).isEqualTo("exact");
        assertThat(lead(table, "y.a.example")).isEqualTo("narrow");
        assertThat(lead(table, "z.y.a.example")).isEqualTo("narrow");
        assertThat(lead(table, "a.example")).isEqualTo("wide");
        assertThat(lead(table, "example")).isEqualTo("any");
        assertThat(lead(table, null)).isEqualTo("any");
    }

    @Test
    void takesProtocolsBeforeNoneAndSmallBlocksBeforeLarge() throws Exception {
        route("every", "a", List.of());
        route("large", "a", List.of(), "127.0.0.0/8");
        route("small", "a", List.of(), "10.0.0.0/8", "127.0.0.1/32");
        route("h2", "a", List.of("h2", "h3"));
        route("h2-small", "a", List.of("h2"), "127.0.0.1/32");
        FlowRoutes table = table(null);
        assertThat(lead(table, "a", "127.0.0.1", "x", "h2")).isEqualTo("h2-small");
        assertThat(lead(table, "a", "127.0.0.2", "h2")).isEqualTo("h2");
        assertThat(lead(table, "a", "127.0.0.1", "x")).isEqualTo("small");
        assertThat(lead(table, "a", "10.1.2.3")).isEqualTo("small");
        assertThat(lead(table, "a", "127.0.0.2")).isEqualTo("large");
        assertThat(lead(table, "a", "192.0.2.1")).isEqualTo("every");
    }

    @Test
    void triesTheNextNameWhenTheRestOfAMatchDoesNotHold() throws Exception {
        route("exact", "x.a", List.of("h2"));
        route("below", "*.a", List.of());
        FlowRoutes table = table("fallback");
        assertThat(lead(table, "x.a", "127.0.0.1", "h2")).isEqualTo("exact");
        assertThat(lead(table, "x.a", "127.0.0.1")).isEqualTo("below");
        assertThat(lead(table, "b", "127.0.0.1")).isEqualTo("fallback");
        assertThat(lead(table(null), "b", "127.0.0.1")).isNull();
    }

    @Test
    void takesTheFirstOfEqualOnes() throws Exception {
        route("one", "a", List.of());
        route("two", "a", List.of());
        assertThat(lead(table(null), "a")).isEqualTo("one");
    }

    @Test
    void looksAtTheHelloOnlyWhereARouteAsksForIt() throws Exception {
        route("block", null, List.of(), "10.0.0.0/8");
        assertThat(table("rest").needsHello()).isFalse();
        assertThat(table("rest").only()).isNull();
        route("h2", null, List.of("h2"));
        assertThat(table("rest").needsHello()).isTrue();
        routes.clear();
        assertThat(table("rest").only()).isNotNull();
    }

    @Test
    void splitsByShares() throws Exception {
        for (String name : List.of("one", "three", "none")) {
            upstream(name);
        }
        routes.add(new TcpRouteSpec(
                "split",
                new TcpMatchSpec(null, List.of(), List.of()),
                null,
                List.of(new ShareSpec("none", 0), new ShareSpec("one", 1), new ShareSpec("three", 3))));
        FlowRoutes table = table(null);
        int three = 0;
        for (int i = 0; i < 40_000; i++) {
            String led = lead(table, "a");
            assertThat(led).isNotEqualTo("none");
            three += led.equals("three") ? 1 : 0;
        }
        assertThat(three / 40_000.0).isBetween(0.73, 0.77);
    }

    private void route(String upstream, @Nullable String sni, List<String> alpn, String... clients)
            throws UnknownHostException {
        upstream(upstream);
        List<Cidr> blocks = new ArrayList<>();
        for (String client : clients) {
            blocks.add(Door.cidr(client));
        }
        routes.add(new TcpRouteSpec(upstream, new TcpMatchSpec(sni, alpn, blocks), upstream, List.of()));
    }

    private void upstream(String name) {
        upstreams.put(new UpstreamSpec(
                name,
                List.of(new EndpointSpec(new Address(InetAddress.getLoopbackAddress(), 9), 1, 0)),
                BalancerSpec.ROUND_ROBIN,
                null,
                new UpstreamTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                new PoolSpec(0, Duration.ofSeconds(1)),
                1));
    }

    private FlowRoutes table(@Nullable String fallback) {
        if (fallback != null) {
            upstream(fallback);
        }
        var hello = new ClientHelloSpec(Duration.ofSeconds(1), 1 << 16, ClientHelloSpec.NotTls.CLOSE);
        var address = new Address(InetAddress.getLoopbackAddress(), 0);
        var spec = new TcpListenerSpec(
                "door", address, fallback, 10, Duration.ofMinutes(1), FlowSpec.DEFAULT, routes, hello, null, null);
        return new FlowRoutes(spec, upstreams);
    }

    private static @Nullable String lead(FlowRoutes table, @Nullable String sni) throws UnknownHostException {
        return lead(table, sni, "127.0.0.1");
    }

    private static @Nullable String lead(FlowRoutes table, @Nullable String sni, String client, String... alpn)
            throws UnknownHostException {
        TcpPlane.Terms terms = table.match(new ClientHello(sni, Arrays.asList(alpn)), InetAddress.getByName(client));
        return terms == null ? null : terms.upstream().name();
    }
}
