package dev.fairlead.net.ocsp;

import dev.fairlead.config.pem.Certificates;
import dev.fairlead.config.pem.Credential;
import dev.fairlead.config.pem.Der;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a responder is asked about one certificate, and where (RFC 6960 §4.1).
record OcspQuestion(X509Certificate certificate, X509Certificate issuer, URI responder) {
    /// SHA-1, without parameters of note: it names the issuer here and proves nothing, and RFC 5019 §2.1.1 wants it.
    private static final byte[] SHA1 = {0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0};

    /// Null: nothing can be asked.
    static @Nullable OcspQuestion of(Credential credential) {
        if (credential.unstapled() != null) {
            return null;
        }
        X509Certificate certificate = credential.chain().getFirst();
        URI responder = Certificates.ocspResponder(certificate);
        return responder == null
                ? null
                : new OcspQuestion(certificate, credential.chain().get(1), responder);
    }

    /// The request, whose one question has neither a nonce nor a signature: responders give out what they have.
    byte[] request() {
        byte[] id = Der.element(
                Der.SEQUENCE,
                SHA1,
                Der.element(Der.OCTETS, issuerName()),
                Der.element(Der.OCTETS, issuerKey()),
                Der.element(Der.INTEGER, serial()));
        byte[] list = Der.element(Der.SEQUENCE, Der.element(Der.SEQUENCE, id));
        return Der.element(Der.SEQUENCE, Der.element(Der.SEQUENCE, list));
    }

    /// Whether a `CertID` of an answer is ours.
    boolean isOf(Der id) {
        id.skip();
        return Arrays.equals(id.content(Der.OCTETS), issuerName())
                && Arrays.equals(id.content(Der.OCTETS), issuerKey())
                && Arrays.equals(id.content(Der.INTEGER), serial());
    }

    private byte[] issuerName() {
        return sha1(issuer.getSubjectX500Principal().getEncoded());
    }

    /// Of the key alone, without what kind it is, and without the number of unused bits before it.
    private byte[] issuerKey() {
        byte[] bits = Der.of(issuer.getPublicKey().getEncoded())
                .enter(Der.SEQUENCE)
                .skip()
                .content(Der.BITS);
        return sha1(Arrays.copyOfRange(bits, 1, bits.length));
    }

    private byte[] serial() {
        return certificate.getSerialNumber().toByteArray();
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has SHA-1", impossible);
        }
    }
}
