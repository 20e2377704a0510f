package dev.fairlead.config;

import dev.fairlead.config.pem.Credential;
import dev.fairlead.config.pem.Unusable;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where a certificate and its private key are. The config holds no key, only the names of files: nothing that shows
/// a config can show one.
@Scalar("certificate")
public record CertificateSpec(
        @Key(
                value =
                        "A PEM file with the certificate first, and behind it those that lead to an authority, each signed by the next.",
                form = Form.FILE,
                example = "/etc/fairlead/app.pem")
        String certificate,

        @Key(
                value =
                        "A PEM file with the private key, RSA or EC: PKCS#8, also encrypted, PKCS#1 or SEC 1. Absent: it stands in the file of the certificate.",
                optional = true,
                form = Form.FILE,
                example = "/etc/fairlead/app.key")
        @Nullable
        String key,

        @Key(
                value = "A file whose first line is the password of an encrypted key.",
                optional = true,
                form = Form.FILE,
                example = "/run/secrets/app.password")
        @Nullable
        String keyPasswordFile) {
    /// What is in the files. Waits for the disk.
    public Credential read() throws Unusable {
        return Credential.read(certificate, key == null ? certificate : key, keyPasswordFile);
    }

    /// The files, to see whether one has changed.
    public List<String> files() {
        return Stream.of(certificate, key, keyPasswordFile)
                .filter(Objects::nonNull)
                .toList();
    }
}
