package dev.fairlead.http.explain;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The address that a client asks for, in the parts that a request has of it. `authority` is host and port as they are
/// written, `port` the one that the client connects to, `target` path and query as they are sent.
public record Url(String scheme, String authority, String host, int port, String target) {
    private static final Pattern PARTS = Pattern.compile(
            "(?:(?<scheme>https?)://)?(?<authority>(?<host>\\[[^]/?#]*]|[^:/?#\\[\\]]+)(?::(?<port>\\d{1,5}))?)(?<target>[/?][^#]*)?(?:#.*)?",
            Pattern.CASE_INSENSITIVE);
    private static final int PORT_MAX = 65535;

    /// Null when it is none. A scheme that is absent is `http`.
    public static @Nullable Url of(String text) {
        Matcher parts = PARTS.matcher(text);
        if (!parts.matches()) {
            return null;
        }
        boolean isSecure = "https".equalsIgnoreCase(parts.group("scheme"));
        String given = parts.group("port");
        int port = given == null ? (isSecure ? 443 : 80) : Integer.parseInt(given);
        if (port > PORT_MAX) {
            return null;
        }
        String target = parts.group("target");
        // RFC 9112 §3.2.1: an empty path is sent as `/`.
        String sent = target == null ? "/" : target.startsWith("?") ? "/" + target : target;
        return new Url(isSecure ? "https" : "http", parts.group("authority"), parts.group("host"), port, sent);
    }
}
