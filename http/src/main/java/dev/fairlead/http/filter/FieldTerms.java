package dev.fairlead.http.filter;

import dev.fairlead.config.HeadersSpec;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.net.CidrSet;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What a listener believes of its clients' fields and adds to them, made ready for the loops. Immutable.
public final class FieldTerms {
    private final HeadersSpec spec;
    private final CidrSet trusted;
    private final byte[] via;
    private final byte[] via10;
    private final byte[] via2;
    private final byte[] via3;
    private final byte[] viaName;

    public FieldTerms(HeadersSpec spec) {
        this.spec = spec;
        this.trusted = CidrSet.of(spec.trustedProxies());
        this.via = ("1.1 " + spec.via()).getBytes(StandardCharsets.US_ASCII);
        this.via10 = ("1.0 " + spec.via()).getBytes(StandardCharsets.US_ASCII);
        this.via2 = ("2.0 " + spec.via()).getBytes(StandardCharsets.US_ASCII);
        this.via3 = ("3.0 " + spec.via()).getBytes(StandardCharsets.US_ASCII);
        this.viaName = spec.via().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
    }

    HeadersSpec spec() {
        return spec;
    }

    boolean trusts(InetAddress proxy) {
        return !trusted.isEmpty() && trusted.contains(proxy);
    }

    boolean isFromForwarded() {
        return spec.clientFrom() == HeadersSpec.ClientFrom.FORWARDED;
    }

    /// What a request of this version gets in `Via`.
    byte[] via(HttpVersion version) {
        return switch (version) {
            case HTTP_1_0 -> via10;
            case HTTP_1_1 -> via;
            case HTTP_2 -> via2;
            case HTTP_3 -> via3;
        };
    }

    /// In lower case.
    byte[] viaName() {
        return viaName;
    }
}
