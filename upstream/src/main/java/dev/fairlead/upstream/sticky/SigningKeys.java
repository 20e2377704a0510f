package dev.fairlead.upstream.sticky;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The keys that sign what clients bring along, the newest first: it signs, all are accepted. So a key is rotated
/// by putting a new one before it, and taking the old one out once its cookies have been replaced. Immutable.
public final class SigningKeys {
    private static final int LENGTH_MIN = 32;
    private static final int LENGTH_MAX = 512;
    private static final int KEYS_MAX = 16;
    private static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys;

    private SigningKeys(List<SecretKeySpec> keys) {
        this.keys = List.copyOf(keys);
    }

    /// One key that nobody knows.
    public static SigningKeys random() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return new SigningKeys(List.of(new SecretKeySpec(secret, ALGORITHM)));
    }

    /// One key a line; empty lines, and those that begin with `#`, are none. What is wrong is said by the number of
    /// its line, never by what stands there.
    ///
    /// @throws IllegalArgumentException when there is no key, one is too short or too long, or there are too many
    public static SigningKeys parse(String text) {
        List<SecretKeySpec> keys = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\\R", -1)) {
            number++;
            String key = line.strip();
            if (key.isEmpty() || key.startsWith("#")) {
                continue;
            }
            if (key.length() < LENGTH_MIN || key.length() > LENGTH_MAX) {
                throw new IllegalArgumentException("line " + number + " has " + key.length() + " characters; a key has "
                        + LENGTH_MIN + " to " + LENGTH_MAX);
            }
            keys.add(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
        }
        if (keys.isEmpty() || keys.size() > KEYS_MAX) {
            throw new IllegalArgumentException("it has " + keys.size() + " keys; expected 1 to " + KEYS_MAX);
        }
        return new SigningKeys(keys);
    }

    int size() {
        return keys.size();
    }

    /// HMAC-SHA256 (RFC 2104) of the parts under one key. Each part but the last ends with a zero byte, so that no
    /// two lists of names without one are signed alike.
    byte[] sign(int key, String... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(keys.get(key));
            return mac.doFinal(String.join("\0", parts).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /// Two are equal when they have the same keys in the same order.
    @Override
    public boolean equals(Object other) {
        return other instanceof SigningKeys that && keys.equals(that.keys);
    }

    @Override
    public int hashCode() {
        return keys.hashCode();
    }

    /// Never a key.
    @Override
    public String toString() {
        return keys.size() + " keys";
    }
}
