package dev.fairlead.http.filter;

import dev.fairlead.config.StickySpec;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.sticky.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads from a request which endpoint its client belongs to, and tells the client in the final response: by a
/// cookie (RFC 6265), which is only set when it has to change, or by a field of its own, which every response has.
/// One thread.
public final class StickyFields {
    /// Values that are looked up in one request, whatever its head has.
    private static final int VALUES_MAX = 32;

    private final Bytes scratch = new Bytes(256);

    private @Nullable Endpoint found;
    private boolean isStale;
    private int seen;

    /// The first valid value decides; those that are not are ignored.
    public void read(Exchange exchange, Upstream upstream) {
        StickySpec spec = upstream.spec().sticky();
        Tokens<Endpoint> tokens = upstream.tokens();
        if (spec == null || tokens == null) {
            return;
        }
        found = null;
        seen = 0;
        Fields fields = exchange.request().fields();
        if (spec.cookie() != null) {
            String name = spec.cookie();
            for (int i = fields.find(FieldName.COOKIE); i >= 0 && wantsMore(); ) {
                pairs(name, tokens, fields.bytes(), fields.valueStart(i), fields.valueEnd(i));
                i = fields.findAfter(i, FieldName.COOKIE);
            }
        } else if (spec.header() != null) {
            for (int i = 0; i < fields.count() && wantsMore(); i++) {
                if (isField(fields, i, spec.header())) {
                    value(tokens, fields.bytes(), fields.valueStart(i), fields.valueEnd(i));
                }
            }
        }
        Endpoint endpoint = found;
        found = null;
        if (endpoint != null) {
            exchange.stick(endpoint, isStale);
        } else if (seen > 0) {
            upstream.tokenRefused();
        }
    }

    private boolean wantsMore() {
        return found == null && seen < VALUES_MAX;
    }

    /// RFC 6265 §4.2.1: `name=value; name=value`; names of cookies are compared with case.
    private void pairs(String name, Tokens<Endpoint> tokens, byte[] bytes, int from, int to) {
        int start = from;
        while (start < to && wantsMore()) {
            int end = start;
            while (end < to && bytes[end] != ';') {
                end++;
            }
            while (start < end && bytes[start] == ' ') {
                start++;
            }
            int equals = start + name.length();
            if (equals < end && bytes[equals] == '=' && isSame(name, bytes, start)) {
                value(tokens, bytes, equals + 1, end);
            }
            start = end + 1;
        }
    }

    private static boolean isSame(String name, byte[] bytes, int from) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }

    private void value(Tokens<Endpoint> tokens, byte[] bytes, int from, int to) {
        seen++;
        found = tokens.find(bytes, from, to);
        isStale = found != null && !tokens.isNewest(bytes, from, to);
    }

    /// Adds to the final head of the response what names the endpoint that gave it.
    public void answer(Exchange exchange, Upstream upstream, Endpoint endpoint, Fields fields) {
        StickySpec spec = upstream.spec().sticky();
        Tokens<Endpoint> tokens = upstream.tokens();
        byte[] token = tokens == null ? null : tokens.of(endpoint);
        if (spec == null || token == null) {
            return;
        }
        String header = spec.header();
        if (header != null) {
            for (int i = 0; i < fields.count(); i++) {
                if (isField(fields, i, header)) {
                    fields.remove(i);
                }
            }
            byte[] name = header.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
            fields.add(null, name, token, 0, token.length);
        } else if (spec.cookie() != null && exchange.needsProof(endpoint)) {
            cookie(spec, spec.cookie(), token);
            fields.add(FieldName.SET_COOKIE, scratch.array(), 0, scratch.length());
        }
    }

    private void cookie(StickySpec spec, String name, byte[] token) {
        String path = spec.path();
        scratch.clear().put(name).put((byte) '=').put(token);
        scratch.put("; Path=").put(path == null ? "/" : path);
        if (spec.ttl() != null) {
            scratch.put("; Max-Age=").putDecimal(spec.ttl().toSeconds());
        }
        if (Boolean.TRUE.equals(spec.secure())) {
            scratch.put("; Secure");
        }
        if (!Boolean.FALSE.equals(spec.httpOnly())) {
            scratch.put("; HttpOnly");
        }
        StickySpec.SameSite sameSite = spec.sameSite();
        scratch.put(
                switch (sameSite == null ? StickySpec.SameSite.LAX : sameSite) {
                    case LAX -> "; SameSite=Lax";
                    case STRICT -> "; SameSite=Strict";
                    case NONE -> "; SameSite=None";
                });
    }

    /// RFC 9110 §5.1: field names are compared without case.
    private static boolean isField(Fields fields, int field, String name) {
        int from = fields.nameStart(field);
        if (!fields.isThere(field) || fields.nameEnd(field) - from != name.length()) {
            return false;
        }
        byte[] bytes = fields.bytes();
        for (int i = 0; i < name.length(); i++) {
            if (lower(name.charAt(i)) != lower((char) bytes[from + i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(char letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
    }
}
