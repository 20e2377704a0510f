package dev.fairlead.acme;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Keys as they are kept: PEM (RFC 7468). All are for ECDSA on P-256, which signs fast and is taken everywhere.
final class KeyFile {
    private static final Pattern SECTION =
            Pattern.compile("-----BEGIN (PRIVATE|PUBLIC) KEY-----\\s(.*?)-----END \\1 KEY-----", Pattern.DOTALL);

    private KeyFile() {}

    static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has P-256", impossible);
        }
    }

    /// Both keys: the public one cannot be read off the private one here.
    static byte[] text(KeyPair pair) {
        return ascii(section("PRIVATE KEY", pair.getPrivate().getEncoded())
                + section("PUBLIC KEY", pair.getPublic().getEncoded()));
    }

    /// A certificate, those that lead to its authority, and its key.
    static byte[] text(List<X509Certificate> chain, PrivateKey key) throws CertificateEncodingException {
        StringBuilder text = new StringBuilder();
        for (X509Certificate each : chain) {
            text.append(section("CERTIFICATE", each.getEncoded()));
        }
        return ascii(text.append(section("PRIVATE KEY", key.getEncoded())).toString());
    }

    static KeyPair read(byte[] text) throws IOException {
        byte[] privateKey = {};
        byte[] publicKey = {};
        Matcher matcher = SECTION.matcher(new String(text, StandardCharsets.US_ASCII));
        try {
            while (matcher.find()) {
                byte[] bytes = Base64.getMimeDecoder().decode(matcher.group(2));
                if (matcher.group(1).equals("PRIVATE")) {
                    privateKey = bytes;
                } else {
                    publicKey = bytes;
                }
            }
            KeyFactory factory = KeyFactory.getInstance("EC");
            return new KeyPair(
                    factory.generatePublic(new X509EncodedKeySpec(publicKey)),
                    factory.generatePrivate(new PKCS8EncodedKeySpec(privateKey)));
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            // Without its cause, which may quote what it could not read.
            throw new IOException("the key of the account is broken");
        }
    }

    private static String section(String label, byte[] bytes) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
