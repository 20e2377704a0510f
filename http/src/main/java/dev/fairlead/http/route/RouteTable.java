package dev.fairlead.http.route;

import dev.fairlead.config.Alternative;
import dev.fairlead.config.CacheSpec;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.http.cache.Keepers;
import dev.fairlead.http.cache.RouteCache;
import dev.fairlead.http.compress.CompressionMetrics;
import dev.fairlead.http.compress.RouteCompression;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.filter.RouteActions;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.upstream.Upstreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// All routes of a listener, made for looking up: the cost of a match grows with the length of host and path, not
/// with the number of routes; only routes of one host and path are asked one after the other. Priority goes first,
/// then the most specific route wins, as docs/routing.md says in full; of equal ones the first in the file.
///
/// Immutable; a match makes no object, but for regular expressions.
public final class RouteTable {
    /// The highest priority first.
    private final HostTable[] priorities;

    private final @Nullable Route fallback;
    private final List<Entry> order;
    private final Keepers keepers = new Keepers();

    /// One to look up in, that nothing goes by.
    public RouteTable(HttpListenerSpec spec, Upstreams upstreams) {
        this(spec, upstreams, null);
    }

    /// `compression` counts what is compressed; null: nothing is.
    public RouteTable(HttpListenerSpec spec, Upstreams upstreams, @Nullable CompressionMetrics compression) {
        List<Entry> entries = new ArrayList<>();
        RouteCompression shared = RouteCompression.of(spec.compress(), compression);
        for (int i = 0; i < spec.routes().size(); i++) {
            RouteSpec each = spec.routes().get(i);
            var route = new Route(
                    each.name(),
                    Destination.of(
                            each,
                            upstreams,
                            each.compress() == null ? shared : RouteCompression.of(each.compress(), compression)),
                    RouteActions.of(each),
                    cache(spec, each.cache(), each.name()));
            for (Alternative alternative : Alternative.of(each.match())) {
                entries.add(new Entry(route, each.priority(), i, alternative));
            }
        }
        Collections.sort(entries);
        var tables = new TreeMap<Integer, HostTable>(Comparator.reverseOrder());
        entries.forEach(each ->
                tables.computeIfAbsent(each.priority(), _ -> new HostTable()).add(each));
        tables.values().forEach(HostTable::finish);
        String rest = spec.upstream();
        this.fallback = rest == null
                ? null
                : new Route("", new Destination(upstreams.get(rest), shared), null, cache(spec, null, ""));
        this.priorities = tables.values().toArray(HostTable[]::new);
        this.order = List.copyOf(entries);
        order.forEach(each -> keep(each.host(), each.route(), each::isOfTarget));
        if (fallback != null) {
            keep(null, fallback, (_, _) -> true);
        }
    }

    private void keep(@Nullable String host, Route route, BiPredicate<RequestHead, Client> takes) {
        RouteCache terms = route.cache();
        Destination destination = route.destination();
        if (terms != null && destination != null) {
            keepers.add(host, terms, destination.upstreams(), takes);
        }
    }

    /// Those of the routes that keep responses.
    public Keepers keepers() {
        return keepers;
    }

    /// The route's own, or else the listener's.
    private static @Nullable RouteCache cache(HttpListenerSpec spec, @Nullable CacheSpec own, String route) {
        CacheSpec wanted = own == null ? spec.cache() : own;
        return wanted == null || !wanted.enabled() ? null : new RouteCache(wanted, spec.name(), route);
    }

    /// The route that takes the request, or null.
    public @Nullable Route match(RequestHead request, Client client) {
        Entry found = find(request, client);
        return found == null ? fallback : found.route();
    }

    private @Nullable Entry find(RequestHead request, Client client) {
        int path = request.normalStart();
        int pathEnd = request.normalEnd();
        byte[] bytes = request.fields().bytes();
        if (path == pathEnd) {
            // RFC 9110 §4.2.3: an empty path is that of the root.
            bytes = PathCriterion.Is.ROOT;
            path = 0;
            pathEnd = 1;
        }
        for (HostTable table : priorities) {
            Entry found = table.match(bytes, path, pathEnd, request, client);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /// Every route as the request is seen by it, in the order in which routes are asked.
    public List<Consideration> consider(RequestHead request, Client client) {
        Entry winner = find(request, client);
        List<Consideration> all = new ArrayList<>();
        for (Entry entry : order) {
            all.add(new Consideration(
                    entry.route().name(),
                    entry.priority(),
                    entry.conditions(),
                    entry.failing(request, client),
                    entry.equals(winner)));
        }
        return all;
    }
}
