package dev.fairlead.http.route;

import dev.fairlead.config.MatchSpec;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The routes of one host, by path. Filled at the start, then only read.
final class PathTable {
    private static final byte[] ROOT = {'/'};

    private final Keys<Route> exact = new Keys<>();
    private final Keys<Route> prefixes = new Keys<>();
    private @Nullable Route any;

    void add(MatchSpec match, Route route) {
        String path = match.path();
        String prefix = match.pathPrefix();
        if (path != null) {
            put(exact, path, route);
        } else if (prefix != null) {
            put(prefixes, prefix, route);
        } else if (any == null) {
            any = route;
        }
    }

    private static void put(Keys<Route> keys, String text, Route route) {
        byte[] key = text.getBytes(StandardCharsets.ISO_8859_1);
        if (keys.get(key, 0, key.length, Keys.hash(key, 0, key.length, false), false) == null) {
            keys.put(key, false, route);
        }
    }

    @Nullable
    Route match(byte[] bytes, int from, int to) {
        if (from == to) {
            // RFC 9110 §4.2.3: an empty path is that of the root.
            return match(ROOT, 0, 1);
        }
        if (!exact.isEmpty()) {
            Route route = exact.get(bytes, from, to, Keys.hash(bytes, from, to, false), false);
            if (route != null) {
                return route;
            }
        }
        if (!prefixes.isEmpty()) {
            Route route = longestPrefix(bytes, from, to);
            if (route != null) {
                return route;
            }
        }
        return any;
    }

    /// Goes along the path once; every end of a segment is the end of a prefix, and the last one found is the
    /// longest.
    private @Nullable Route longestPrefix(byte[] bytes, int from, int to) {
        Route longest = null;
        int hash = Keys.EMPTY;
        for (int at = from; at <= to; at++) {
            if (at == to || bytes[at] == '/' && at > from) {
                Route route = prefixes.get(bytes, from, at, hash, false);
                longest = route == null ? longest : route;
            }
            if (at < to) {
                hash = Keys.hash(hash, bytes[at], false);
            }
        }
        return longest;
    }
}
