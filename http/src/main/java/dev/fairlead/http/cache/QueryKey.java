package dev.fairlead.http.cache;

import dev.fairlead.config.CacheSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What of a query a route's key has: the parameters that are chosen, or those that are not left out, in a normal form.
/// The endpoint is asked with the query as it came. Pure.
final class QueryKey {
    private static final String HEX = "0123456789ABCDEF";

    private QueryKey() {}

    /// Whether the key has other than the query as it is written.
    static boolean isMade(CacheSpec spec) {
        return !spec.keyQuery().isEmpty()
                || spec.keyQuerySort()
                || !spec.keyQueryIgnore().isEmpty();
    }

    /// Appends the line that [Key] reads: `&a=1&b=2`.
    static void append(CacheSpec spec, String query, StringBuilder key) {
        key.append(Key.CHOSEN_QUERY);
        List<String> pairs = query.isEmpty() ? List.of() : List.of(query.split("&"));
        if (!spec.keyQuery().isEmpty()) {
            for (String name : spec.keyQuery()) {
                pairs.stream().filter(pair -> name(pair).equals(name)).forEach(pair -> add(spec, pair, key));
            }
            return;
        }
        List<String> left = new ArrayList<>();
        for (String pair : pairs) {
            if (!pair.isEmpty() && !isIgnored(spec, name(normal(pair)))) {
                left.add(pair);
            }
        }
        if (spec.keyQuerySort()) {
            // Of one name the order stays: it may mean something.
            left.sort(Comparator.comparing(pair -> name(normal(pair))));
        }
        left.forEach(pair -> add(spec, pair, key));
    }

    private static void add(CacheSpec spec, String pair, StringBuilder key) {
        key.append('&').append(spec.keyQuerySort() ? normal(pair) : pair);
    }

    private static String name(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0 ? pair : pair.substring(0, equals);
    }

    private static boolean isIgnored(CacheSpec spec, String name) {
        return spec.keyQueryIgnore().stream()
                .anyMatch(each ->
                        each.endsWith("*") ? name.startsWith(each.substring(0, each.length() - 1)) : name.equals(each));
    }

    /// RFC 3986 §6.2.2: what needs no percent sign has none, and what has one is in capitals. No two that an origin may
    /// tell apart become one.
    static String normal(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        var normal = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low < 0) {
                normal.append(c);
                continue;
            }
            char meant = (char) (high << 4 | low);
            if (isUnreserved(meant)) {
                normal.append(meant);
            } else {
                normal.append('%').append(HEX.charAt(high)).append(HEX.charAt(low));
            }
            i += 2;
        }
        return normal.toString();
    }

    private static boolean isUnreserved(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}
