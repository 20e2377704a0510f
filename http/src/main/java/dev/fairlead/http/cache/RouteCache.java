package dev.fairlead.http.cache;

import dev.fairlead.config.CacheSpec;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a route says of caching: which requests are one and the same to it, and which it leaves alone. Immutable.
///
/// The key is route, upstream, scheme, host and target as the client asked; the route alone decides what the endpoint
/// sees
/// beyond that. Whatever else a client can send that changes an answer must be in the key, in the answer's `Vary`, or
/// not reach the endpoint: the fields by which some servers let a client choose another host or path ([#strip]) do
/// not.
public final class RouteCache {
    /// Fields that some servers and frameworks prefer to host or target (Kettle: Practical Web Cache Poisoning, 2018).
    private static final byte[][] UNKEYED = {
        bytes("x-original-url"),
        bytes("x-rewrite-url"),
        bytes("x-original-host"),
        bytes("x-host"),
        bytes("x-forwarded-server"),
        bytes("x-forwarded-scheme"),
        bytes("x-forwarded-path"),
        bytes("x-forwarded-prefix"),
        bytes("x-http-method-override"),
        bytes("x-http-method"),
        bytes("x-method-override")
    };

    private final CacheSpec spec;
    private final String prefix;
    private final List<byte[]> headers;
    private final List<byte[]> bypassHeaders;
    /// The last one that was asked for; whichever loop wrote it, it is right.
    private volatile @Nullable Start lastStart;

    private record Start(String upstream, byte[] bytes) {}

    public RouteCache(CacheSpec spec, String listener, String route) {
        this.spec = spec;
        this.prefix = listener + ' ' + route + ' ';
        this.headers = lower(spec.keyHeaders());
        this.bypassHeaders = lower(spec.bypassHeaders());
    }

    private static List<byte[]> lower(List<String> names) {
        return names.stream().map(name -> bytes(name.toLowerCase(Locale.ROOT))).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    CacheSpec spec() {
        return spec;
    }

    /// See [Key].
    String key(RequestHead request, String upstream) {
        boolean isWhole = !QueryKey.isMade(spec);
        String base = base(request, upstream, isWhole ? request.targetEnd() : request.pathEnd());
        if (isWhole && headers.isEmpty() && spec.keyCookies().isEmpty()) {
            return base;
        }
        var key = new StringBuilder(base);
        if (!isWhole) {
            int from = Math.min(request.targetEnd(), request.pathEnd() + 1);
            QueryKey.append(spec, request.fields().text(from, request.targetEnd()), key);
        }
        for (byte[] name : headers) {
            key.append('\n')
                    .append(Vary.value(
                            request.fields(), FieldName.of(new String(name, StandardCharsets.ISO_8859_1)), name));
        }
        for (String name : spec.keyCookies()) {
            key.append('\n').append(cookie(request.fields(), name));
        }
        return key.toString();
    }

    /// `listener route upstream seen host target`: in one array, since every request has one made.
    private String base(RequestHead request, String upstream, int targetEnd) {
        byte[] bytes = request.fields().bytes();
        byte[] start = start(upstream);
        byte[] seen = Key.seen(request);
        boolean isPathEmpty = request.pathEnd() == request.targetStart();
        int host = request.authorityEnd() - request.authorityStart();
        int target = targetEnd - request.targetStart();
        byte[] all = new byte[start.length + seen.length + 1 + host + 1 + (isPathEmpty ? 1 : 0) + target];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(seen, 0, all, start.length, seen.length);
        int at = start.length + seen.length;
        all[at++] = ' ';
        for (int i = request.authorityStart(); i < request.authorityEnd(); i++) {
            all[at++] = Ascii.lower(bytes[i]);
        }
        all[at++] = ' ';
        if (isPathEmpty) {
            all[at++] = '/';
        }
        System.arraycopy(bytes, request.targetStart(), all, at, target);
        return new String(all, StandardCharsets.ISO_8859_1);
    }

    /// What all keys of an upstream begin with; those of a split take turns.
    private byte[] start(String upstream) {
        Start last = lastStart;
        if (last == null || !last.upstream.equals(upstream)) {
            last = new Start(upstream, bytes(prefix + upstream + ' '));
            lastStart = last;
        }
        return last.bytes;
    }

    /// The key of another target on the same host.
    String key(RequestHead request, String upstream, String target) {
        var key = new StringBuilder(prefix).append(upstream).append(' ');
        key.append(new String(Key.seen(request), StandardCharsets.ISO_8859_1)).append(' ');
        host(request, key);
        key.append(' ');
        if (!QueryKey.isMade(spec)) {
            return key.append(target).toString();
        }
        int query = target.indexOf('?');
        key.append(target, 0, query < 0 ? target.length() : query);
        QueryKey.append(spec, query < 0 ? "" : target.substring(query + 1), key);
        return key.toString();
    }

    private static void host(RequestHead request, StringBuilder key) {
        byte[] bytes = request.fields().bytes();
        for (int i = request.authorityStart(); i < request.authorityEnd(); i++) {
            key.append((char) Ascii.lower(bytes[i]));
        }
    }

    /// The value of a cookie; empty when there is none.
    private static String cookie(Fields fields, String name) {
        for (int i = fields.find(FieldName.COOKIE); i >= 0; i = fields.findAfter(i, FieldName.COOKIE)) {
            for (String pair : fields.valueText(i).split(";")) {
                String each = pair.strip();
                if (each.startsWith(name) && each.length() > name.length() && each.charAt(name.length()) == '=') {
                    return '=' + each.substring(name.length() + 1);
                }
            }
        }
        return "";
    }

    /// Why the request is left alone; null when it is not.
    @Nullable
    String bypass(RequestHead request) {
        if (request.hasBody() || request.upgrade() != null) {
            return "request";
        }
        Fields fields = request.fields();
        if (fields.find(FieldName.IF_MATCH) >= 0 || fields.find(FieldName.IF_UNMODIFIED_SINCE) >= 0) {
            return "request";
        }
        for (byte[] name : bypassHeaders) {
            if (has(fields, name)) {
                return "bypass";
            }
        }
        for (String name : spec.bypassCookies()) {
            if (!cookie(fields, name).isEmpty()) {
                return "bypass";
            }
        }
        return null;
    }

    private static boolean has(Fields fields, byte[] lowerName) {
        FieldName known = FieldName.of(new String(lowerName, StandardCharsets.ISO_8859_1));
        return known == null ? fields.findAfter(-1, lowerName) >= 0 : fields.find(known) >= 0;
    }

    /// Whether responses with this status are kept at all.
    boolean isWanted(int status) {
        return spec.statuses().isEmpty() || spec.statuses().stream().anyMatch(each -> each.holds(status));
    }

    /// Takes out of a request what could make its answer another one without being in the key.
    static void strip(Fields request) {
        for (int i = 0; i < request.count(); i++) {
            if (request.name(i) == null && request.isThere(i) && isUnkeyed(request, i)) {
                request.remove(i);
            }
        }
    }

    private static boolean isUnkeyed(Fields request, int field) {
        int start = request.nameStart(field);
        int end = request.nameEnd(field);
        if ((request.bytes()[start] | 0x20) != 'x') {
            return false;
        }
        for (byte[] name : UNKEYED) {
            if (Ascii.equalsIgnoreCase(request.bytes(), start, end, name)) {
                return true;
            }
        }
        return false;
    }
}
