package dev.fairlead.net.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The keys of a listener's session tickets, made of secrets: the newest encrypts, all decrypt.
///
/// A ticket stands for a whole handshake, the check of the client's certificate included. So the keys depend on the
/// listener and on what it asks of clients: a ticket of one listener opens no other, and none outlives a change of the
/// authorities or of the revocations.
final class TicketKeys {
    private static final int SECRETS_KEPT = 3;
    private static final int SECRET_BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final List<byte[]> secrets = new ArrayList<>();
    private long rotatedNanos;

    /// Begins with a secret of its own.
    TicketKeys(long nowNanos) {
        rotatedNanos = nowNanos;
        secrets.add(fresh());
    }

    /// Puts a new secret first when the last has served so long. False: it has not.
    boolean rotate(long rotationNanos, long nowNanos) {
        if (nowNanos - rotatedNanos < rotationNanos) {
            return false;
        }
        rotatedNanos = nowNanos;
        secrets.addFirst(fresh());
        while (secrets.size() > SECRETS_KEPT) {
            Arrays.fill(secrets.removeLast(), (byte) 0);
        }
        return true;
    }

    private byte[] fresh() {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return secret;
    }

    List<byte[]> secrets() {
        return secrets;
    }

    /// The keys of these secrets. `scope` says what they may be used for.
    static OpenSslSessionTicketKey[] of(List<byte[]> secrets, String listener, byte[] scope) {
        return secrets.stream().map(secret -> key(secret, listener, scope)).toArray(OpenSslSessionTicketKey[]::new);
    }

    /// RFC 5869 §2.3, in two blocks.
    private static OpenSslSessionTicketKey key(byte[] secret, String listener, byte[] scope) {
        byte[] first = hmac(secret, new byte[0], listener, scope, 1);
        byte[] second = hmac(secret, first, listener, scope, 2);
        return new OpenSslSessionTicketKey(
                Arrays.copyOfRange(first, 0, 16), Arrays.copyOfRange(first, 16, 32), Arrays.copyOfRange(second, 0, 16));
    }

    private static byte[] hmac(byte[] secret, byte[] before, String listener, byte[] scope, int block) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update(before);
            mac.update("fairlead ticket ".getBytes(StandardCharsets.US_ASCII));
            mac.update(listener.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            mac.update(scope);
            mac.update((byte) block);
            return mac.doFinal();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has HMAC with SHA-256", impossible);
        }
    }
}
