package dev.fairlead.acme;

import dev.fairlead.config.AcmeSpec;
import java.io.IOException;
import java.net.URI;
import java.security.KeyPair;
import java.time.Duration;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.exception.AcmeException;

/// One time that the authority is spoken to. The account's key is in the store; the first node to need one makes it.
final class Visit implements AutoCloseable {
    private static final String KEY = "account.key";
    private static final Duration LOCK = Duration.ofSeconds(30);
    private static final long LOCK_PAUSE_MILLIS = 200;

    private final AcmeSpec spec;
    private final Session session;

    Visit(AcmeSpec spec) throws IOException {
        this.spec = spec;
        this.session = Authority.session(spec);
    }

    Session session() {
        return session;
    }

    /// As the account, which is made if there is none for the key (RFC 8555 §7.3).
    Login login(Store store) throws IOException, AcmeException, InterruptedException {
        AccountBuilder account = new AccountBuilder().useKeyPair(key(store)).agreeToTermsOfService();
        spec.contact().forEach(account::addEmail);
        return account.createLogin(session);
    }

    /// As nobody, for what is asked without a signature.
    Login anonymous() throws IOException {
        return session.login(URI.create(spec.directory()).toURL(), KeyFile.generate());
    }

    private static KeyPair key(Store store) throws IOException, InterruptedException {
        byte[] there = store.read(KEY);
        while (there == null) {
            try (Lease lease = store.tryLock("account", LOCK)) {
                if (lease == null) {
                    Thread.sleep(LOCK_PAUSE_MILLIS);
                } else if (store.read(KEY) == null) {
                    store.write(KEY, KeyFile.text(KeyFile.generate()));
                }
            }
            there = store.read(KEY);
        }
        return KeyFile.read(there);
    }

    @Override
    public void close() {
        session.getHttpClient().shutdownNow();
    }
}
