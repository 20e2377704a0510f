package dev.fairlead.server;

import dev.fairlead.admin.PurgeOrder;
import dev.fairlead.http.HttpPlane;
import dev.fairlead.http.cache.Cache;
import dev.fairlead.http.cache.Purge;
import dev.fairlead.http.explain.Explanation;
import dev.fairlead.http.explain.Question;
import dev.fairlead.http.explain.Url;
import dev.fairlead.upstream.Plane;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an operator says of the cache. Any thread that may take its time.
final class Purging {
    private Purging() {}

    static PurgeOrder.Told follow(PurgeOrder order, Cache cache, Collection<Plane> planes) {
        boolean isSoft = order.isSoft();
        Purge purge = switch (order.by()) {
            case URL -> Purge.url(order.value(), isSoft);
            case PREFIX -> Purge.prefix(order.value(), isSoft);
            case TAG -> Purge.tag(order.value(), isSoft);
            case ALL -> Purge.all(isSoft);
        };
        if (purge == null) {
            return new PurgeOrder.Told.Refused("no URL: " + order.value()
                    + "; give one such as http://shop.example/a?b=c, or /a?b=c for every host");
        }
        Set<Purge> all = new HashSet<>();
        all.add(purge);
        if (order.by() == PurgeOrder.By.URL) {
            rewritten(order, planes, all);
        }
        long count = 0;
        try {
            for (Purge each : all) {
                count += cache.purge(each);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new PurgeOrder.Told.Refused("interrupted");
        }
        return new PurgeOrder.Told.Done(count);
    }

    /// Where a route rewrites, the key has what the endpoint is asked for: each listener tells what that is.
    private static void rewritten(PurgeOrder order, Collection<Plane> planes, Set<Purge> all) {
        Url url = Url.of(order.value());
        if (url == null) {
            return;
        }
        var question = new Question("GET", url, List.of(), InetAddress.getLoopbackAddress());
        for (Plane plane : planes) {
            if (plane instanceof HttpPlane http) {
                Explanation.Caching caching = http.explain(question).caching();
                if (caching != null) {
                    all.add(Purge.target(caching.host(), caching.target(), order.isSoft()));
                }
            }
        }
    }

    /// As a tree of maps, lists and values.
    static Map<String, Object> census(Cache cache) {
        Cache.Census census = cache.census();
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("responses", census.responses());
        tree.put("keys", census.keys());
        tree.put("bytes", census.bytes());
        tree.put("bytes-max", census.bytesMax());
        Cache.Files files = census.files();
        if (files != null) {
            tree.put("disk-files", files.count());
            tree.put("disk-bytes", files.bytes());
            tree.put("disk-bytes-max", files.bytesMax());
        }
        tree.put("fills", census.fills());
        tree.put("requests", census.answered());
        Double ratio = ratio(census.answered());
        if (ratio != null) {
            tree.put("hit-ratio", ratio);
        }
        return tree;
    }

    /// The share of requests for whose body no endpoint was asked; null when nobody has asked yet.
    private static @Nullable Double ratio(Map<String, Long> answered) {
        long all = answered.values().stream().mapToLong(Long::longValue).sum();
        long asked = answered.getOrDefault("miss", 0L) + answered.getOrDefault("pass", 0L);
        return all == 0 ? null : Math.round((all - asked) * 1e4 / all) / 1e4;
    }
}
