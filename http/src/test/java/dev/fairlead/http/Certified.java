package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.CertificateSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// An authority in a folder, the certificates that it signs by openssl, and clients of the JDK that believe everybody.
final class Certified {
    private final Path folder;

    Certified(Path folder) throws Exception {
        this.folder = folder;
        openssl("ecparam -name prime256v1 -genkey -noout -out ca.key");
        openssl("req -x509 -new -key ca.key -subj /CN=authority -days 30 -out ca.pem");
        Files.writeString(folder.resolve("ca.index"), "");
        Files.writeString(folder.resolve("ca.conf"), """
                [ca]
                default_ca = a
                [a]
                database = ca.index
                default_md = sha256
                default_crl_days = 9
                """);
    }

    String at(String file) {
        return folder.resolve(file).toString();
    }

    /// A certificate for these names, in `NAME.pem` and `NAME.key`; it takes the place of the one that was there.
    CertificateSpec ec(String name, String... hosts) throws Exception {
        openssl("ecparam -name prime256v1 -genkey -noout -out " + name + ".key");
        return sign(name, hosts);
    }

    CertificateSpec rsa(String name, String... hosts) throws Exception {
        openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out " + name + ".key");
        return sign(name, hosts);
    }

    private CertificateSpec sign(String name, String... hosts) throws Exception {
        openssl("req -new -key " + name + ".key -subj /CN=" + name + "/O=Test -out " + name + ".csr");
        Files.writeString(folder.resolve(name + ".ext"), "subjectAltName=DNS:" + String.join(",DNS:", hosts));
        openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile " + name
                + ".ext -out " + name + ".new");
        Files.move(folder.resolve(name + ".new"), folder.resolve(name + ".pem"), StandardCopyOption.REPLACE_EXISTING);
        return new CertificateSpec(at(name + ".pem"), at(name + ".key"), null);
    }

    /// The authority's revocation list, with these certificates on it, in `crl.pem`.
    void revoke(String... names) throws Exception {
        for (String name : names) {
            openssl("ca -config ca.conf -cert ca.pem -keyfile ca.key -revoke " + name + ".pem");
        }
        openssl("ca -config ca.conf -cert ca.pem -keyfile ca.key -gencrl -out crl.pem");
    }

    void openssl(String arguments) throws IOException, InterruptedException {
        Process openssl = new ProcessBuilder(("openssl " + arguments).split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor()).as(said).isZero();
    }

    /// A client; `name` is the certificate that it has, null: none.
    SSLContext client(String name) throws Exception {
        KeyManager[] keys = name == null ? null : keys(name).getKeyManagers();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new Everybody()}, null);
        return context;
    }

    KeyManagerFactory keys(String name) throws Exception {
        openssl("pkcs12 -export -in " + name + ".pem -inkey " + name + ".key -passout pass:password -out " + name
                + ".p12");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
            store.load(in, "password".toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, "password".toCharArray());
        return factory;
    }

    record Everybody() implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /// Connects and makes the handshake. `sni` null: none is sent.
    static SSLSocket connect(SSLContext client, InetSocketAddress to, String sni) throws IOException {
        Socket plain = new Socket(to.getAddress(), to.getPort());
        plain.setSoTimeout(20_000);
        SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(plain, sni, to.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /// The name in the subject of the certificate that the server showed.
    static String shown(SSLSocket socket) throws IOException {
        X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return certificate.getSubjectX500Principal().getName().replaceAll(".*CN=([^,]*).*", "$1");
    }
}
