package dev.fairlead.http.filter;

import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.RedirectSpec;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Where a route sends its clients. The target is always a whole one, scheme and host included, so that no path such
/// as `//evil.example` can become a host (RFC 3986 §4.2); the host is the config's or the one the client asked for,
/// nothing else that it says. Immutable.
final class Redirect {
    private final RedirectSpec spec;
    private final PathChange path;

    Redirect(RedirectSpec spec, MatchSpec match) {
        this.spec = spec;
        this.path = PathChange.of(spec, match);
    }

    int status() {
        return spec.status();
    }

    /// Puts the `Location` for a request that has been received. False when no path can be made of that one.
    boolean put(RequestHead request, Bytes out) {
        Fields fields = request.fields();
        int host = fields.find(FieldName.X_FORWARDED_HOST);
        boolean hasHost = spec.host() != null || host >= 0;
        if (hasHost) {
            scheme(fields, out);
            host(fields, host, out);
        }
        int start = out.length();
        if (!path.put(request, out)) {
            return false;
        }
        if (spec.keepQuery()) {
            out.put(fields.bytes(), request.pathEnd(), request.targetEnd());
        }
        if (!hasHost && out.length() > start + 1) {
            // HTTP/1.0 without Host: only a path can be given, and it must not look like a host.
            byte second = out.array()[start + 1];
            if (second == '/' || second == '\\') {
                out.array()[start + 1] = '.';
            }
        }
        return true;
    }

    private void scheme(Fields fields, Bytes out) {
        if (spec.scheme() != null) {
            out.put(spec.scheme().name().toLowerCase(Locale.ROOT));
        } else {
            int proto = fields.find(FieldName.X_FORWARDED_PROTO);
            out.put(fields.bytes(), fields.valueStart(proto), fields.valueEnd(proto));
        }
        out.put("://");
    }

    private void host(Fields fields, int host, Bytes out) {
        byte[] bytes = fields.bytes();
        boolean isOther = spec.scheme() != null || spec.host() != null || spec.port() != 0;
        if (spec.host() != null) {
            out.put(spec.host().getBytes(StandardCharsets.US_ASCII));
        } else {
            int end = fields.valueEnd(host);
            out.put(bytes, fields.valueStart(host), isOther ? hostEnd(bytes, fields.valueStart(host), end) : end);
        }
        if (spec.port() != 0) {
            out.put((byte) ':').putDecimal(spec.port());
        }
    }

    /// Where the host ends and the port, if there is one, begins.
    private static int hostEnd(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && bytes[end - 1] >= '0' && bytes[end - 1] <= '9') {
            end--;
        }
        return end > from && bytes[end - 1] == ':' ? end - 1 : to;
    }
}
