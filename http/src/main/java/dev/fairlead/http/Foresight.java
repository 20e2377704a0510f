package dev.fairlead.http;

import dev.fairlead.config.ShareSpec;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.explain.Explanation.Place;
import dev.fairlead.http.explain.Explanation.Target;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.route.Route;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Standing;
import dev.fairlead.upstream.Upstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where an exchange would go, without its going there. Any thread.
final class Foresight {
    private final Exchange exchange;
    private final long nowNanos;

    Foresight(Exchange exchange, long nowNanos) {
        this.exchange = exchange;
        this.nowNanos = nowNanos;
    }

    /// The upstreams of a route that forwards.
    List<Target> targets(Route route) {
        Destination destination = Objects.requireNonNull(route.destination(), "a route that does nothing");
        Upstream chosen = destination.foresee(exchange);
        List<ShareSpec> shares = destination.shares();
        if (shares.isEmpty()) {
            return List.of(target(destination.upstream(), 0, chosen));
        }
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < shares.size(); i++) {
            targets.add(target(destination.upstreamOf(i), shares.get(i).weight(), chosen));
        }
        return targets;
    }

    private Target target(Upstream upstream, int weight, @Nullable Upstream chosen) {
        List<Endpoint> candidates = upstream.candidates(exchange, nowNanos);
        return new Target(
                upstream.name(),
                weight,
                upstream.equals(chosen),
                word(upstream.spec().balancer().algorithm()),
                upstream.spec().breaker() == null ? "off" : word(upstream.breakerState()),
                upstream.isPanicking(),
                upstream.spec().sticky() != null,
                upstream.endpoints().stream()
                        .map(each -> place(each, candidates.contains(each)))
                        .toList());
    }

    private Place place(Endpoint endpoint, boolean isCandidate) {
        return new Place(
                endpoint.name(),
                endpoint.weight(),
                word(endpoint.health()),
                Standing.of(endpoint),
                isCandidate,
                endpoint.origin().host(endpoint.name()));
    }

    private static String word(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
