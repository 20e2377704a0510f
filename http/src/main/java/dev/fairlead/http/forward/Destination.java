package dev.fairlead.http.forward;

import dev.fairlead.config.MirrorSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.config.RouteTimeouts;
import dev.fairlead.config.ShareSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.compress.RouteCompression;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the exchanges of a route go, and on which terms. `upstream` is where those go that no `split` sends
/// elsewhere; answers are compressed by `compression`, if there is one. Immutable but for what [Split] and [Mirror]
/// count; any thread.
public record Destination(
        Upstream upstream,
        @Nullable Split split,
        @Nullable Mirror mirror,
        @Nullable RouteTimeouts timeouts,
        @Nullable RouteCompression compression) {
    /// To one upstream, on its terms.
    public Destination(Upstream upstream) {
        this(upstream, null);
    }

    public Destination(Upstream upstream, @Nullable RouteCompression compression) {
        this(upstream, null, null, null, compression);
    }

    /// Null for a route that forwards nothing. Control thread.
    public static @Nullable Destination of(
            RouteSpec route, Upstreams upstreams, @Nullable RouteCompression compression) {
        if (route.upstream() == null && route.split().isEmpty()) {
            return null;
        }
        Split split = route.split().isEmpty() ? null : Split.of(route, upstreams);
        String name = route.upstream();
        Upstream upstream = name != null
                ? upstreams.get(name)
                : upstreams.get(route.split().getFirst().upstream());
        MirrorSpec spec = route.mirror();
        Mirror mirror = spec == null ? null : new Mirror(spec, route.name(), upstreams.get(spec.upstream()));
        return new Destination(upstream, split, mirror, route.timeouts(), compression);
    }

    /// The longest pause of an endpoint.
    Duration idle(UpstreamSpec spec) {
        Duration own = timeouts == null ? null : timeouts.idle();
        return own == null ? spec.timeouts().idle() : own;
    }

    /// How long the head of an answer may take. Where another attempt may follow, one has less; else there is nothing
    /// better to do than to wait.
    Duration answer(UpstreamSpec spec, boolean mayFollow) {
        Duration own = timeouts == null ? null : timeouts.firstByte();
        Duration firstByte = own == null ? spec.timeouts().firstByte() : own;
        Duration ofAttempt = mayFollow ? spec.retry().attemptTimeout() : null;
        return ofAttempt == null || ofAttempt.compareTo(firstByte) > 0 ? firstByte : ofAttempt;
    }

    /// The upstream of this exchange, where neither turns nor chance decide it; else null. Changes nothing.
    public @Nullable Upstream foresee(Exchange exchange) {
        return split == null ? upstream : split.foresee(exchange);
    }

    /// What shares the exchanges; empty when there is no split.
    public List<ShareSpec> shares() {
        return split == null ? List.of() : split.shares();
    }

    /// The upstream of one of the [#shares].
    public Upstream upstreamOf(int share) {
        return split == null ? upstream : split.upstream(share);
    }

    /// The names of all to which exchanges go.
    public List<String> upstreams() {
        return split == null
                ? List.of(upstream.name())
                : shares().stream().map(ShareSpec::upstream).toList();
    }

    /// The upstream of this exchange.
    public Upstream choose(Exchange exchange) {
        return split == null ? upstream : split.choose(exchange);
    }
}
