package dev.fairlead.http.route;

import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.http.filter.RouteActions;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.upstream.Upstreams;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// All routes of a listener, made for looking up: the cost of a match grows with the length of host and path, not
/// with the number of routes. The most specific route wins: an exact host before a wildcard, the longer wildcard
/// first, any host last; for one host an exact path before a prefix, the longer prefix first. Equal routes: the
/// first in the file.
///
/// Immutable; a match makes no object.
public final class RouteTable {
    private final Keys<PathTable> hosts = new Keys<>();
    private final Keys<PathTable> suffixes = new Keys<>();
    private final PathTable anyHost = new PathTable();

    public RouteTable(HttpListenerSpec spec, Upstreams upstreams) {
        for (RouteSpec route : spec.routes()) {
            MatchSpec match = route.match();
            pathsFor(match.host())
                    .add(match, new Route(route.name(), Destination.of(route, upstreams), RouteActions.of(route)));
        }
        String fallback = spec.upstream();
        if (fallback != null) {
            anyHost.add(new MatchSpec(null, null, null), new Route("", new Destination(upstreams.get(fallback))));
        }
    }

    private PathTable pathsFor(@Nullable String host) {
        if (host == null) {
            return anyHost;
        }
        String lower = host.toLowerCase(Locale.ROOT);
        boolean wildcard = lower.startsWith("*.");
        byte[] key = (wildcard ? lower.substring(1) : lower).getBytes(StandardCharsets.US_ASCII);
        Keys<PathTable> keys = wildcard ? suffixes : hosts;
        PathTable known = keys.get(key, 0, key.length, Keys.hash(key, 0, key.length, true), true);
        if (known == null) {
            known = new PathTable();
            keys.put(key, true, known);
        }
        return known;
    }

    /// The route that takes the request, or null.
    public @Nullable Route match(RequestHead request) {
        Fields fields = request.fields();
        byte[] bytes = fields.bytes();
        int host = request.authorityStart();
        int hostEnd = request.hostEnd();
        if (hostEnd > host && bytes[hostEnd - 1] == '.') {
            // A name may end with the root's dot: it is the same name.
            hostEnd--;
        }
        int path = request.targetStart();
        int pathEnd = request.pathEnd();
        if (!hosts.isEmpty()) {
            PathTable exact = hosts.get(bytes, host, hostEnd, Keys.hash(bytes, host, hostEnd, true), true);
            Route route = exact == null ? null : exact.match(bytes, path, pathEnd);
            if (route != null) {
                return route;
            }
        }
        if (!suffixes.isEmpty()) {
            for (int dot = host + 1; dot < hostEnd; dot++) {
                if (bytes[dot] != '.') {
                    continue;
                }
                PathTable below = suffixes.get(bytes, dot, hostEnd, Keys.hash(bytes, dot, hostEnd, true), true);
                Route route = below == null ? null : below.match(bytes, path, pathEnd);
                if (route != null) {
                    return route;
                }
            }
        }
        return anyHost.match(bytes, path, pathEnd);
    }
}
