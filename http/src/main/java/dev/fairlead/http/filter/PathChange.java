package dev.fairlead.http.filter;

import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.PathPattern;
import dev.fairlead.config.PathText;
import dev.fairlead.config.RedirectSpec;
import dev.fairlead.config.RewriteSpec;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.PathReader;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Another path for a request: a whole one, what takes the place of the prefix that the route matched, or one made of
/// parts of the old one. It starts from the path that the route has compared, in its normal form. Immutable.
final class PathChange {
    private final byte @Nullable [] whole;
    private final byte @Nullable [] prefix;
    private final int prefixBytes;
    private final @Nullable PathTemplate template;

    private PathChange(
            @Nullable String whole, @Nullable String prefix, @Nullable PathTemplate template, MatchSpec match) {
        this.whole = whole == null ? null : ascii(PathText.encoded(whole));
        // `/v2/` and `/v2` are the same here: the rest of the path begins with a slash, or is nothing.
        this.prefix = prefix == null
                ? null
                : ascii(PathText.encoded(prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix));
        String matched = match.pathPrefix();
        this.prefixBytes = matched == null ? 0 : matched.length();
        this.template = template;
    }

    static PathChange of(RewriteSpec spec, MatchSpec match) {
        String made = spec.template();
        return new PathChange(
                spec.path(),
                spec.prefix(),
                made == null ? null : new PathTemplate(PathPattern.of(made, spec.regex(), match)),
                match);
    }

    static PathChange of(RedirectSpec spec, MatchSpec match) {
        String made = spec.template();
        return new PathChange(
                spec.path(),
                spec.prefix(),
                made == null ? null : new PathTemplate(PathPattern.of(made, null, match)),
                match);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    boolean isNothing() {
        return whole == null && prefix == null && template == null;
    }

    /// Puts the path, which begins with `/`. False when the parts of the old one make none that may be sent: an escape
    /// that was torn apart, or a dot segment.
    boolean put(RequestHead request, Bytes out) {
        byte[] bytes = request.fields().bytes();
        if (isNothing()) {
            rest(bytes, request.targetStart(), request.pathEnd(), out);
            return true;
        }
        int start = request.normalStart();
        int end = request.normalEnd();
        if (whole != null) {
            out.put(whole);
            return true;
        }
        if (template != null) {
            return made(template, request, out);
        }
        int before = out.length();
        if (prefix != null) {
            out.put(prefix);
        }
        int rest = Math.min(start + prefixBytes, end);
        if (out.length() == before) {
            rest(bytes, rest, end, out);
        } else {
            out.put(bytes, rest, end);
        }
        return true;
    }

    /// What is left of a path, or the root: of it nothing may be left, or there was none (RFC 9110 §4.2.3).
    private static void rest(byte[] bytes, int from, int to, Bytes out) {
        if (from == to || bytes[from] != '/') {
            out.put((byte) '/');
        }
        out.put(bytes, from, to);
    }

    private static boolean made(PathTemplate template, RequestHead request, Bytes out) {
        byte[] bytes = request.fields().bytes();
        int from = out.length();
        if (!template.put(bytes, request.normalStart(), request.normalEnd(), out)) {
            rest(bytes, request.targetStart(), request.pathEnd(), out);
            return true;
        }
        var reader = new PathReader();
        return reader.read(out.array(), from, out.length()) == PathReader.Verdict.PATH && reader.end() == out.length();
    }
}
