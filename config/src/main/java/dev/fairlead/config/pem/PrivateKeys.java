package dev.fairlead.config.pem;

import dev.fairlead.config.pem.PemText.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/// Private keys as they stand in PEM files: PKCS#8 (RFC 5958), plain or encrypted, PKCS#1 (RFC 8017 §A.1.2) and SEC 1
/// (RFC 5915). The JDK reads the first only, so the others are wrapped into it.
final class PrivateKeys {
    private static final byte[] OID_RSA = {6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1};
    private static final byte[] OID_EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};
    private static final byte[] NULL = {5, 0};
    private static final byte[] VERSION_0 = {2, 1, 0};
    private static final int PARAMETERS = Der.tagged(0);

    private PrivateKeys() {}

    /// The one key of the file, whose algorithm is that of the certificate.
    static PrivateKey read(String file, String algorithm, @Nullable String passwordFile) throws Unusable {
        List<Section> keys = PemText.read(file, Unusable.Part.KEY).stream()
                .filter(each -> each.label().endsWith("PRIVATE KEY"))
                .toList();
        if (keys.isEmpty()) {
            throw unusable("`" + file + "` holds no private key");
        }
        if (keys.size() > 1) {
            throw unusable("`" + file + "` holds " + keys.size() + " private keys: keep the one of the certificate");
        }
        Section section = keys.getFirst();
        if (section.isEncryptedOldStyle()) {
            throw unusable(
                    "`" + file + "` is encrypted in the old way of OpenSSL: `openssl pkcs8 -topk8` makes PKCS#8");
        }
        if (passwordFile != null && !section.label().equals("ENCRYPTED PRIVATE KEY")) {
            throw new Unusable(
                    Unusable.Part.PASSWORD, "the key in `" + file + "` is not encrypted: no password is needed");
        }
        PKCS8EncodedKeySpec encoded = pkcs8(section, file, passwordFile);
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
        } catch (GeneralSecurityException wrong) {
            // Not its message: that may quote what it did not understand.
            throw unusable("the key in `" + file + "` is no " + algorithm + " key, which the certificate needs");
        }
    }

    private static PKCS8EncodedKeySpec pkcs8(Section section, String file, @Nullable String passwordFile)
            throws Unusable {
        try {
            return switch (section.label()) {
                case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(section.bytes());
                case "RSA PRIVATE KEY" -> wrapped(OID_RSA, NULL, section.bytes());
                case "EC PRIVATE KEY" -> wrapped(OID_EC, curve(section.bytes(), file), section.bytes());
                case "ENCRYPTED PRIVATE KEY" -> decrypted(section.bytes(), file, passwordFile);
                default -> throw unusable("`" + file + "` holds a " + section.label() + ", which is not known");
            };
        } catch (IndexOutOfBoundsException broken) {
            throw unusable("the key in `" + file + "` is broken");
        }
    }

    private static PKCS8EncodedKeySpec decrypted(byte[] bytes, String file, @Nullable String passwordFile)
            throws Unusable {
        if (passwordFile == null) {
            throw unusable(
                    "the key in `" + file + "` is encrypted: `key-password-file` must name the file of its password");
        }
        char[] password = password(passwordFile);
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(bytes);
            AlgorithmParameters parameters = info.getAlgParameters();
            // The JDK calls PBES2 by what it is made of, and tells only here.
            String algorithm = parameters == null
                            || !info.getAlgName().startsWith("PBES2")
                                    && !info.getAlgName().equals("1.2.840.113549.1.5.13")
                    ? info.getAlgName()
                    : parameters.toString();
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password)),
                    parameters);
            return info.getKeySpec(cipher);
        } catch (IOException | GeneralSecurityException wrong) {
            throw new Unusable(
                    Unusable.Part.PASSWORD,
                    "the key in `" + file + "` does not open with the password in `" + passwordFile
                            + "`, or is encrypted in a way that Java does not know: AES is known");
        }
    }

    private static char[] password(String file) throws Unusable {
        String text = new String(PemText.bytes(file, Unusable.Part.PASSWORD), StandardCharsets.UTF_8);
        return text.lines().findFirst().orElse("").toCharArray();
    }

    /// RFC 5915 §3: `SEQUENCE { version, privateKey, [0] parameters, ... }`. The curve's name.
    private static byte[] curve(byte[] key, String file) throws Unusable {
        Der fields = Der.of(key).enter(Der.SEQUENCE).skip().skip();
        if (!fields.isNext(PARAMETERS)) {
            throw unusable("the key in `" + file + "` does not name its curve: `openssl pkcs8 -topk8 -nocrypt` does");
        }
        return fields.enter(PARAMETERS).whole();
    }

    private static PKCS8EncodedKeySpec wrapped(byte[] oid, byte[] parameters, byte[] key) {
        byte[] algorithm = Der.element(Der.SEQUENCE, oid, parameters);
        return new PKCS8EncodedKeySpec(Der.element(Der.SEQUENCE, VERSION_0, algorithm, Der.element(Der.OCTETS, key)));
    }

    private static Unusable unusable(String message) {
        return new Unusable(Unusable.Part.KEY, message);
    }
}
