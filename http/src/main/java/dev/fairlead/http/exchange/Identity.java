package dev.fairlead.http.exchange;

import java.nio.charset.StandardCharsets;

/// What a listener calls itself, in `Via` (RFC 9110 §7.6.3) and `Proxy-Status` (RFC 9209 §2). Immutable.
public final class Identity {
    private final String name;
    private final byte[] viaLine;

    /// `name` is a token.
    public Identity(String name) {
        this.name = name;
        this.viaLine = ("Via: 1.1 " + name + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    public String name() {
        return name;
    }

    /// The line of a response that came over HTTP/1.1, with its CRLF. Do not write to it.
    public byte[] viaLine() {
        return viaLine;
    }
}
