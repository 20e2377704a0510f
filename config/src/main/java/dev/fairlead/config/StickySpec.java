package dev.fairlead.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a client stays with the endpoint that it was given first: exactly one of `cookie`, `header` and
/// `source-address`. The other keys belong to the first two.
public record StickySpec(
        @Key(
                value =
                        "Name of a cookie that Fairlead sets and signs (HTTP only). It tells which endpoint by a keyed hash, never by an address.",
                optional = true,
                form = Form.NAME,
                example = "fairlead")
        @Nullable
        String cookie,

        @Key(
                value =
                        "Name of a field that Fairlead adds to every response, signed as the cookie is, and that the client sends with its next requests (HTTP only).",
                optional = true,
                form = Form.NAME,
                example = "X-Endpoint")
        @Nullable
        String header,

        @Key(
                value = "Remembers the endpoint of each client's IP address in a table. For TCP and HTTP.",
                optional = true)
        @Nullable
        SourceTableSpec sourceAddress,

        @Key(
                value =
                        "How long the browser keeps the cookie, counted from when it was set. Absent: until the browser ends.",
                optional = true,
                min = "1s",
                max = "400d")
        @Nullable
        Duration ttl,

        @Key(
                value =
                        "The cookie's `Path`: it is only sent with requests below it. Upstreams on one host need cookies of different names, or different paths. Absent: `/`.",
                optional = true,
                form = Form.PATH)
        @Nullable
        String path,

        @Key(
                value =
                        "The cookie's `SameSite`: whether it is sent with requests that other sites cause. `none` needs `secure`. Absent: `lax`.",
                optional = true)
        @Nullable
        SameSite sameSite,

        @Key(
                value =
                        "The cookie's `Secure`: it is only sent over HTTPS. Absent: false, since a browser would never send it back over plain HTTP.",
                optional = true)
        @Nullable
        Boolean secure,

        @Key(value = "The cookie's `HttpOnly`: scripts on the page cannot read it. Absent: true.", optional = true)
        @Nullable
        Boolean httpOnly,

        @Key(
                value =
                        "File with the keys that sign cookie or header: one a line, of 32 to 512 characters, the newest first. The first signs, all are accepted. Read at the start and at each reload. Absent: a random key of the process, so a restart forgets who was where, and other nodes cannot read it.",
                optional = true,
                example = "/etc/fairlead/sticky.keys")
        @Nullable
        String keysFile) {

    public enum SameSite {
        LAX,
        STRICT,
        NONE
    }

    /// Whether the client brings a signed value along.
    public boolean isSigned() {
        return cookie != null || header != null;
    }

    /// The kinds that are given, by their keys.
    List<String> kinds() {
        List<String> given = new ArrayList<>();
        add(given, "cookie", cookie);
        add(given, "header", header);
        add(given, "source-address", sourceAddress);
        return given;
    }

    /// The keys that are given and that only a cookie has.
    List<String> attributes() {
        List<String> given = new ArrayList<>();
        add(given, "ttl", ttl);
        add(given, "path", path);
        add(given, "same-site", sameSite);
        add(given, "secure", secure);
        add(given, "http-only", httpOnly);
        return given;
    }

    private static void add(List<String> given, String key, @Nullable Object value) {
        if (value != null) {
            given.add(key);
        }
    }
}
