package dev.fairlead.it;

import java.io.IOException;
import java.nio.file.Path;

/// A self-made certificate with its key, by openssl.
record Certificate(Path file, Path key) {
    static Certificate of(Path folder, String name) throws IOException, InterruptedException {
        Path file = folder.resolve(name + ".crt");
        Path key = folder.resolve(name + ".key");
        Child.Result made = Child.run(
                folder,
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=DNS:" + name,
                "-keyout",
                key.toString(),
                "-out",
                file.toString());
        if (made.status() != 0) {
            throw new IOException("openssl: " + made.errors());
        }
        return new Certificate(file, key);
    }
}
