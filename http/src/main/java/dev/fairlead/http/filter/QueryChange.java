package dev.fairlead.http.filter;

import dev.fairlead.config.QueryChangeSpec;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Another query for a request: what is removed, set and added. Immutable.
final class QueryChange {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private final byte[][] removed;
    private final List<Added> added = new ArrayList<>();

    private record Added(byte[] name, Template value) {}

    private QueryChange(QueryChangeSpec spec) {
        this.removed = Stream.concat(spec.remove().stream(), spec.set().keySet().stream())
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        Stream.of(spec.set(), spec.add())
                .map(Map::entrySet)
                .flatMap(each -> each.stream())
                .forEach(each -> added.add(
                        new Added(each.getKey().getBytes(StandardCharsets.UTF_8), new Template(each.getValue()))));
    }

    /// Null when nothing is changed.
    static @Nullable QueryChange of(QueryChangeSpec spec) {
        return spec.isEmpty() ? null : new QueryChange(spec);
    }

    /// Puts the query with its `?`, or nothing when none is left. `keeps`: of what the client has asked for.
    void put(RequestHead request, Client client, String route, boolean keeps, Bytes out) {
        int start = out.length();
        byte[] bytes = request.fields().bytes();
        int last = keeps ? request.targetEnd() : 0;
        for (int at = request.pathEnd() + 1; at < last; ) {
            int end = at;
            while (end < last && bytes[end] != '&') {
                end++;
            }
            if (end > at && !isRemoved(bytes, at, end)) {
                out.put((byte) (out.length() == start ? '?' : '&')).put(bytes, at, end);
            }
            at = end + 1;
        }
        var value = new Bytes(64);
        for (Added each : added) {
            out.put((byte) (out.length() == start ? '?' : '&'));
            encode(each.name(), each.name().length, out);
            each.value().put(request, client, route, value.clear());
            out.put((byte) '=');
            encode(value.array(), value.length(), out);
        }
    }

    private boolean isRemoved(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && bytes[end] != '=') {
            end++;
        }
        for (byte[] name : removed) {
            if (isNamed(bytes, from, end, name)) {
                return true;
            }
        }
        return false;
    }

    /// Whether `bytes[from, to)` is the name once it is decoded, as the servers behind us decode it: a `+` is a space.
    private static boolean isNamed(byte[] bytes, int from, int to, byte[] name) {
        int at = from;
        for (byte expected : name) {
            if (at == to) {
                return false;
            }
            int meant = bytes[at] == '+' ? ' ' : bytes[at];
            int escape = meant == '%' ? Ascii.escape(bytes, at, to) : -1;
            if ((byte) (escape < 0 ? meant : escape) != expected) {
                return false;
            }
            at += escape < 0 ? 1 : 3;
        }
        return at == to;
    }

    /// RFC 3986 §2.1: whatever is not unreserved, so that nothing can become more than a name or a value.
    private static void encode(byte[] text, int length, Bytes out) {
        for (int i = 0; i < length; i++) {
            byte b = text[i];
            if (Ascii.isUnreserved(b)) {
                out.put(b);
            } else {
                out.put((byte) '%').put(HEX[b >> 4 & 0xf]).put(HEX[b & 0xf]);
            }
        }
    }
}
