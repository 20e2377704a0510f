package dev.fairlead.net.probe;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;

/// A server's key and self-made certificate, by the JDK's keytool: for `app.example` and 127.0.0.1.
record Identity(Path certificate, Path key, KeyManagerFactory keys) {
    private static final char[] PASSWORD = "password".toCharArray();

    static Identity valid(Path folder) throws Exception {
        return make(folder, "valid", "-validity", "30");
    }

    static Identity expired(Path folder) throws Exception {
        return make(folder, "expired", "-startdate", "-10d", "-validity", "5");
    }

    private static Identity make(Path folder, String name, String... times) throws Exception {
        Path store = folder.resolve(name + ".p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair -alias a -keyalg EC -storetype PKCS12 -storepass password -dname CN=app.example"));
        command.addAll(List.of(command.removeLast().split(" ")));
        command.addAll(List.of("-ext", "san=dns:app.example,ip:127.0.0.1", "-keystore", store.toString()));
        command.addAll(List.of(times));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + said);
        }
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keyStore.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keyStore, PASSWORD);
        return new Identity(
                pem(
                        folder.resolve(name + ".crt"),
                        "CERTIFICATE",
                        keyStore.getCertificate("a").getEncoded()),
                pem(
                        folder.resolve(name + ".key"),
                        "PRIVATE KEY",
                        keyStore.getKey("a", PASSWORD).getEncoded()),
                keys);
    }

    private static Path pem(Path file, String what, byte[] bytes) throws Exception {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
    }
}
