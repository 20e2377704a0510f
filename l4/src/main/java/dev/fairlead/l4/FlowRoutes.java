package dev.fairlead.l4;

import dev.fairlead.config.Cidr;
import dev.fairlead.config.ShareSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.TcpRouteSpec;
import dev.fairlead.net.CidrSet;
import dev.fairlead.net.SocketTerms;
import dev.fairlead.net.tls.ClientHello;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All routes of a Layer 4 listener, made for looking up: by name first (exact, then the longest wildcard, then
/// any), and among those of one name in the order in which they win. Immutable.
final class FlowRoutes {
    private final Map<String, List<Candidate>> exact = new HashMap<>();
    /// By what stands behind the `*`, with its dot.
    private final Map<String, List<Candidate>> below = new HashMap<>();

    private final List<Candidate> any = new ArrayList<>();
    private final SocketTerms sockets;
    private final boolean needsHello;
    private final TcpPlane.@Nullable Terms only;

    /// One route, or one block of addresses of it. `length`: bits of the block, -1 for every client.
    private record Candidate(
            List<String> alpn, int length, @Nullable CidrSet clients, Shares shares) {
        /// The first that holds is the one that wins; of equal ones the sort keeps the file's order.
        static final Comparator<Candidate> ORDER =
                Comparator.comparing((Candidate each) -> each.alpn.isEmpty()).thenComparingInt(each -> -each.length);

        boolean takes(ClientHello hello, InetAddress client) {
            return (clients == null || clients.contains(client))
                    && (alpn.isEmpty() || hello.alpn().stream().anyMatch(alpn::contains));
        }
    }

    /// The upstreams of a route, each as often as its share. `ends[i]`: the sum of the weights up to the i-th.
    private record Shares(List<TcpPlane.Terms> terms, List<Long> ends) {
        TcpPlane.Terms draw() {
            if (terms.size() == 1) {
                return terms.getFirst();
            }
            long drawn = ThreadLocalRandom.current().nextLong(ends.getLast());
            int i = 0;
            while (ends.get(i) <= drawn) {
                i++;
            }
            return terms.get(i);
        }
    }

    FlowRoutes(TcpListenerSpec spec, Upstreams upstreams) {
        this.sockets = new SocketTerms(spec.flows());
        Function<Upstream, TcpPlane.Terms> terms = upstream -> new TcpPlane.Terms(spec, upstream, sockets);
        for (TcpRouteSpec route : spec.routes()) {
            add(route, shares(route, upstreams, terms));
        }
        String upstream = spec.upstream();
        TcpPlane.Terms fallback = upstream == null ? null : terms.apply(upstreams.get(upstream));
        exact.values().forEach(each -> each.sort(Candidate.ORDER));
        below.values().forEach(each -> each.sort(Candidate.ORDER));
        any.sort(Candidate.ORDER);
        if (fallback != null) {
            any.add(new Candidate(List.of(), -1, null, new Shares(List.of(fallback), List.of(1L))));
        }
        this.only = spec.routes().isEmpty() ? fallback : null;
        this.needsHello = spec.routes().stream().anyMatch(route -> route.match().needsHello());
    }

    private static Shares shares(TcpRouteSpec route, Upstreams upstreams, Function<Upstream, TcpPlane.Terms> terms) {
        List<ShareSpec> specs = route.upstream() == null ? route.split() : List.of(new ShareSpec(route.upstream(), 1));
        List<TcpPlane.Terms> all = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        long end = 0;
        for (ShareSpec share : specs) {
            end += share.weight();
            all.add(terms.apply(upstreams.get(share.upstream())));
            ends.add(end);
        }
        return new Shares(List.copyOf(all), List.copyOf(ends));
    }

    private void add(TcpRouteSpec route, Shares shares) {
        List<Candidate> list = listFor(route.match().sni());
        List<String> alpn = route.match().alpn();
        List<Cidr> blocks = route.match().client();
        if (blocks.isEmpty()) {
            list.add(new Candidate(alpn, -1, null, shares));
        }
        for (Cidr block : blocks) {
            list.add(new Candidate(alpn, block.length(), CidrSet.of(List.of(block)), shares));
        }
    }

    private List<Candidate> listFor(@Nullable String sni) {
        if (sni == null) {
            return any;
        }
        return sni.startsWith("*.")
                ? below.computeIfAbsent(sni.substring(1), _ -> new ArrayList<>())
                : exact.computeIfAbsent(sni, _ -> new ArrayList<>());
    }

    /// The same for every flow.
    SocketTerms sockets() {
        return sockets;
    }

    /// What every flow is given, when there is no route; null: it depends.
    TcpPlane.@Nullable Terms only() {
        return only;
    }

    /// Whether the client's first bytes must be looked at.
    boolean needsHello() {
        return needsHello;
    }

    /// What a flow is given; null: no route takes it.
    TcpPlane.@Nullable Terms match(ClientHello hello, InetAddress client) {
        String sni = hello.sni();
        if (sni != null) {
            TcpPlane.Terms found = first(exact.get(sni), hello, client);
            // `*.example.com` is every name below it, not itself, as with the hosts of requests.
            for (int dot = sni.indexOf('.', 1); found == null && dot > 0; dot = sni.indexOf('.', dot + 1)) {
                found = first(below.get(sni.substring(dot)), hello, client);
            }
            if (found != null) {
                return found;
            }
        }
        return first(any, hello, client);
    }

    private static TcpPlane.@Nullable Terms first(
            @Nullable List<Candidate> candidates, ClientHello hello, InetAddress client) {
        if (candidates == null) {
            return null;
        }
        for (Candidate each : candidates) {
            if (each.takes(hello, client)) {
                return each.shares.draw();
            }
        }
        return null;
    }
}
