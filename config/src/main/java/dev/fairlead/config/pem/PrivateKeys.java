package dev.fairlead.config.pem;

import dev.fairlead.config.pem.PemText.Section;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
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
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 4;
    private static final int PARAMETERS = 0xa0;

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
        int at = content(key, 0);
        at = end(key, at);
        at = end(key, at);
        if (at >= key.length || (key[at] & 0xff) != PARAMETERS) {
            throw unusable("the key in `" + file + "` does not name its curve: `openssl pkcs8 -topk8 -nocrypt` does");
        }
        int from = content(key, at);
        return Arrays.copyOfRange(key, from, end(key, from));
    }

    private static PKCS8EncodedKeySpec wrapped(byte[] oid, byte[] parameters, byte[] key) {
        byte[] algorithm = element(SEQUENCE, oid, parameters);
        return new PKCS8EncodedKeySpec(element(SEQUENCE, VERSION_0, algorithm, element(OCTETS, key)));
    }

    // ---- X.690 §8.1: a type, a length, the content ----

    private static byte[] element(int type, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(type);
        if (content.size() < 0x80) {
            all.write(content.size());
        } else {
            all.write(0x82);
            all.write(content.size() >>> 8);
            all.write(content.size());
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }

    private static int content(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int end(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return at + 2 + first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        return content(der, at) + length;
    }

    private static Unusable unusable(String message) {
        return new Unusable(Unusable.Part.KEY, message);
    }
}
