package dev.fairlead.acme;

import dev.fairlead.config.AcmeSpec.Challenge;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is to be shown for one name while the authority asks: `answer` is the key authorization for a `token`
/// (http-01), or the digest of it in hexadecimal that the certificate of the name has to hold (tls-alpn-01).
record Proof(Challenge challenge, String host, String token, String answer, Instant until) {
    /// RFC 8555 §8.1: the alphabet of base64url; it is part of a file's name here.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,200}");

    Proof {
        if (!TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException("a token that is none");
        }
    }

    byte[] digest() {
        return HexFormat.of().parseHex(answer);
    }

    /// As it is told to other nodes.
    String text() {
        return String.join(" ", challenge.name(), host, token, answer, Long.toString(until.toEpochMilli()));
    }

    /// Null: it is none.
    static @Nullable Proof parse(String text) {
        String[] parts = text.strip().split(" ", -1);
        try {
            return parts.length == 5
                    ? new Proof(
                            Challenge.valueOf(parts[0]),
                            parts[1],
                            parts[2],
                            parts[3],
                            Instant.ofEpochMilli(Long.parseLong(parts[4])))
                    : null;
        } catch (IllegalArgumentException another) {
            return null;
        }
    }
}
