package dev.fairlead.acme;

import dev.fairlead.config.AcmeSpec;
import dev.fairlead.config.pem.Certificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/// The ACME server as it is reached: over HTTPS, believed by the JDK's authorities or by those of a file.
final class Authority extends GenericAcmeProvider {
    private final @Nullable SSLContext trust;

    private Authority(@Nullable SSLContext trust) {
        this.trust = trust;
    }

    /// The file of authorities is read each time: it may have changed.
    static Session session(AcmeSpec spec) throws IOException {
        return new Session(URI.create(spec.directory()), new Authority(trust(spec.ca())));
    }

    @Override
    public HttpClient createHttpClient(NetworkSettings settings) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(settings.getTimeout())
                .proxy(settings.getProxySelector())
                .executor(Executors.newVirtualThreadPerTaskExecutor());
        return (trust == null ? builder : builder.sslContext(trust)).build();
    }

    private static @Nullable SSLContext trust(@Nullable String ca) throws IOException {
        if (ca == null) {
            return null;
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (X509Certificate each : Certificates.read(ca)) {
                store.setCertificateEntry("authority " + store.size(), each);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new IOException("the authorities in `" + ca + "` cannot be used: " + unusable.getMessage(), unusable);
        }
    }
}
