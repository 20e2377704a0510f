package dev.fairlead.net.tls;

import dev.fairlead.config.TlsPolicy;
import java.util.ArrayList;
import java.util.List;

/// What the named policies are made of (RFC 9325 §4.2 for TLS 1.2).
final class Policies {
    private static final List<String> OF_13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private static final List<String> OF_12 = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private Policies() {}

    static List<String> versions(TlsPolicy policy) {
        return switch (policy) {
            case MODERN -> List.of("TLSv1.3");
            case INTERMEDIATE -> List.of("TLSv1.3", "TLSv1.2");
        };
    }

    static List<String> ciphers(TlsPolicy policy) {
        return switch (policy) {
            case MODERN -> OF_13;
            case INTERMEDIATE -> {
                List<String> all = new ArrayList<>(OF_13);
                all.addAll(OF_12);
                yield all;
            }
        };
    }
}
