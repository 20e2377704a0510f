package dev.fairlead.net.quic;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Bytes that only we can make of other bytes: the beginning of HMAC-SHA256, for one purpose. Any thread.
final class Mark {
    private final Mac begun;
    private final int length;

    Mark(byte[] secret, String purpose, int length) {
        this.length = length;
        try {
            begun = Mac.getInstance("HmacSHA256");
            begun.init(new SecretKeySpec(secret, "HmacSHA256"));
            begun.update(("fairlead quic " + purpose).getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has HMAC with SHA-256", impossible);
        }
    }

    byte[] of(ByteBuffer bytes) {
        try {
            Mac mac = (Mac) begun.clone();
            mac.update(bytes);
            return Arrays.copyOf(mac.doFinal(), length);
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError("the JDK's HMAC can be cloned", impossible);
        }
    }
}
