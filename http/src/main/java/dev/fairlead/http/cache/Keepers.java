package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.message.RequestHead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// The routes of a listener that keep responses. What is kept of one target may be under the keys of each that could
/// take it, for whom it has: a change comes by another method, by another share of a split, from another client. They
/// are found by host, since of hosts there may be thousands; a purge would go through all that is kept. Filled at the
/// start, then only read, by any thread.
public final class Keepers {
    private final Map<String, List<Keeper>> ofHosts = new HashMap<>();
    private final List<Keeper> ofAny = new ArrayList<>();

    /// `takes`: whether host and path are those of the route, whatever else it asks for.
    private record Keeper(RouteCache terms, List<String> upstreams, BiPredicate<RequestHead, Client> takes) {}

    /// `host`: the one that the route is for, in lower case; null: there may be several.
    public void add(
            @Nullable String host, RouteCache terms, List<String> upstreams, BiPredicate<RequestHead, Client> takes) {
        List<Keeper> all = host == null ? ofAny : ofHosts.computeIfAbsent(host, _ -> new ArrayList<>());
        all.add(new Keeper(terms, List.copyOf(upstreams), takes));
    }

    /// Nothing is kept by any.
    public boolean isEmpty() {
        return ofHosts.isEmpty() && ofAny.isEmpty();
    }

    /// Forgets what the exchange asks for.
    void forget(Exchange exchange, Cache cache) {
        RequestHead request = exchange.request();
        for (Keeper each : of(request)) {
            if (each.takes.test(request, exchange.client())) {
                for (String upstream : each.upstreams) {
                    cache.invalidate(each.terms.key(request, upstream));
                }
            }
        }
    }

    /// Forgets another target of the same host. Paths are not compared: a key that nothing is under costs less.
    void forget(Exchange exchange, Cache cache, String target) {
        RequestHead request = exchange.request();
        for (Keeper each : of(request)) {
            for (String upstream : each.upstreams) {
                cache.invalidate(each.terms.key(request, upstream, target));
            }
        }
    }

    private List<Keeper> of(RequestHead request) {
        String host = request.hostText().toLowerCase(Locale.ROOT);
        // A name may end with the root's dot: it is the same name.
        List<Keeper> named = ofHosts.get(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
        if (named == null) {
            return ofAny;
        }
        List<Keeper> all = new ArrayList<>(named);
        all.addAll(ofAny);
        return all;
    }
}
