package dev.fairlead.http.exchange;

import dev.fairlead.config.HttpListenerSpec;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// How a listener speaks for itself: what it calls itself in `Via` (RFC 9110 §7.6.3) and `Proxy-Status` (RFC 9209 §2),
/// and its error pages. Immutable.
public final class Identity {
    private final String name;
    private final String token;
    private final byte[] viaLine;
    private final ErrorPage @Nullable [] pages;

    public Identity(HttpListenerSpec spec) {
        this(spec.headers().via(), ErrorPage.of(spec.errorPages()));
    }

    /// One without pages. `name` is a token.
    public Identity(String name) {
        this(name, null);
    }

    private Identity(String name, ErrorPage @Nullable [] pages) {
        this.name = name;
        this.pages = pages;
        char first = name.charAt(0);
        boolean isToken = first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z';
        this.token = isToken ? name : '"' + name + '"';
        this.viaLine = ("Via: 1.1 " + name + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    public String name() {
        return name;
    }

    /// As the first of a list of structured fields: a token (RFC 8941 §3.3.4), which begins with a letter, or a string.
    public String token() {
        return token;
    }

    /// The line of a response that came over HTTP/1.1, with its CRLF. Do not write to it.
    public byte[] viaLine() {
        return viaLine;
    }

    ErrorPage @Nullable [] pages() {
        return pages;
    }
}
