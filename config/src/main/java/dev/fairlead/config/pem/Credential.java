package dev.fairlead.config.pem;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A certificate with those that lead to its authority, and its private key. Its text is the name of its file.
public final class Credential {
    /// Two weeks: time to renew by hand what has not renewed itself.
    private static final Duration SOON = Duration.ofDays(14);

    private static final int RSA_BITS_MIN = 2048;

    private final String name;
    private final List<X509Certificate> chain;
    private final PrivateKey key;

    private Credential(String name, List<X509Certificate> chain, PrivateKey key) {
        this.name = name;
        this.chain = List.copyOf(chain);
        this.key = key;
    }

    /// Reads the files and looks whether they belong together. Waits for the disk.
    public static Credential read(String certificate, String keyFile, @Nullable String passwordFile) throws Unusable {
        List<X509Certificate> chain = Certificates.read(certificate);
        String algorithm = chain.getFirst().getPublicKey().getAlgorithm();
        if (!algorithm.equals("RSA") && !algorithm.equals("EC")) {
            throw new Unusable(
                    Unusable.Part.CERTIFICATE,
                    "the certificate in `" + certificate + "` has a key of the kind " + algorithm
                            + ": most clients know only RSA and EC");
        }
        order(chain, certificate);
        PrivateKey key = PrivateKeys.read(keyFile, algorithm, passwordFile);
        if (!fits(key, chain.getFirst(), algorithm)) {
            throw new Unusable(
                    Unusable.Part.KEY,
                    "the key in `" + keyFile + "` is not the one of the certificate in `" + certificate + "`");
        }
        return new Credential(certificate, chain, key);
    }

    /// RFC 8446 §4.4.2: the own certificate first, each one signed by the next.
    private static void order(List<X509Certificate> chain, String file) throws Unusable {
        int i = Certificates.unsigned(chain);
        if (i >= 0) {
            throw new Unusable(
                    Unusable.Part.CERTIFICATE,
                    "certificate " + (i + 1) + " in `" + file + "` (" + subject(chain.get(i))
                            + ") is not signed by the one behind it (" + subject(chain.get(i + 1))
                            + "): the server's own comes first, then its issuer, and so on");
        }
    }

    private static String subject(X509Certificate certificate) {
        String name = certificate.getSubjectX500Principal().getName();
        return name.isEmpty() ? "without a subject" : name;
    }

    private static boolean fits(PrivateKey key, X509Certificate certificate, String algorithm) {
        byte[] something = {1};
        try {
            Signature signer = Signature.getInstance(algorithm.equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
            signer.initSign(key);
            signer.update(something);
            byte[] signature = signer.sign();
            signer.initVerify(certificate.getPublicKey());
            signer.update(something);
            return signer.verify(signature);
        } catch (GeneralSecurityException otherKind) {
            return false;
        }
    }

    /// The certificate's file.
    public String name() {
        return name;
    }

    public List<X509Certificate> chain() {
        return chain;
    }

    public PrivateKey key() {
        return key;
    }

    public boolean isEcdsa() {
        return key.getAlgorithm().equals("EC");
    }

    /// The names of hosts that it is for, in lower case, `*.example.com` among them.
    public Set<String> hosts() {
        return Certificates.hosts(chain.getFirst());
    }

    /// When the first certificate of the chain runs out.
    public Instant notAfter() {
        return chain.stream()
                .map(each -> each.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /// What is odd about it, though it can be used.
    public List<String> remarks(Instant now) {
        List<String> remarks = new ArrayList<>();
        if (hosts().isEmpty()) {
            remarks.add("the certificate in `" + name + "` is for no host name: no client will believe it");
        }
        if (chain.getFirst().getPublicKey() instanceof RSAPublicKey rsa
                && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
            remarks.add("the RSA key of the certificate in `" + name + "` has fewer than 2048 bits");
        }
        if (now.isBefore(chain.getFirst().getNotBefore().toInstant())) {
            remarks.add("the certificate in `" + name + "` is not valid before "
                    + chain.getFirst().getNotBefore().toInstant());
        }
        if (now.isAfter(notAfter())) {
            remarks.add("the certificate in `" + name + "` ran out at " + notAfter());
        } else if (now.plus(SOON).isAfter(notAfter())) {
            remarks.add("the certificate in `" + name + "` runs out at " + notAfter());
        }
        return remarks;
    }

    /// Why no OCSP response can be had for it; null: one can be asked for.
    public @Nullable String unstapled() {
        if (Certificates.ocspResponder(chain.getFirst()) == null) {
            return "the certificate in `" + name + "` names no OCSP responder: its authority has none, and nothing"
                    + " is stapled to it";
        }
        if (chain.size() == 1) {
            return "the file `" + name + "` holds no issuer behind the certificate, so nothing is stapled to it:"
                    + " OCSP asks for a certificate by its issuer";
        }
        return null;
    }

    @Override
    public String toString() {
        return name;
    }
}
