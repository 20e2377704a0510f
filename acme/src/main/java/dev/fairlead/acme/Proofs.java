package dev.fairlead.acme;

import dev.fairlead.config.AcmeSpec.Challenge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.util.CertificateUtils;
import org.shredzone.acme4j.util.KeyPairUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What any node may be asked for now, as it stands in the store: whichever node orders, the authority may come to
/// each of them. Looks every [#LOOK], and tells the listeners of what has changed.
final class Proofs {
    /// Another node's proof is known after so long; whoever puts one waits for twice that.
    static final Duration LOOK = Duration.ofSeconds(1);

    /// No authority asks for longer. What is older is of a node that died.
    static final Duration AGE_MAX = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(Proofs.class);
    private static final String FOLDER = "challenges";

    private final Store store;
    private final Answers answers;
    private final InstantSource clock;

    // under this
    private final Map<String, Shown> shown = new HashMap<>();
    private @Nullable KeyPair key;

    private record Shown(Proof proof, @Nullable PrivateKeyEntry entry) {}

    Proofs(Store store, Answers answers, InstantSource clock) {
        this.store = store;
        this.answers = answers;
        this.clock = clock;
    }

    void put(Proof proof) throws IOException {
        store.write(FOLDER + "/" + proof.token(), proof.text().getBytes(StandardCharsets.US_ASCII));
        look();
    }

    void remove(Proof proof) throws IOException {
        store.remove(FOLDER + "/" + proof.token());
        look();
    }

    /// Follows the store.
    synchronized void look() throws IOException {
        List<String> now = store.list(FOLDER);
        boolean changed = shown.keySet().retainAll(now);
        for (String name : now) {
            Shown before = shown.get(name);
            if (before == null) {
                changed |= add(name);
            } else if (clock.instant().isAfter(before.proof.until())) {
                store.remove(FOLDER + "/" + name);
                shown.remove(name);
                changed = true;
            }
        }
        if (changed) {
            tell();
        }
    }

    private boolean add(String name) throws IOException {
        byte[] text = store.read(FOLDER + "/" + name);
        Proof proof = text == null ? null : Proof.parse(new String(text, StandardCharsets.US_ASCII));
        if (proof == null || clock.instant().isAfter(proof.until())) {
            store.remove(FOLDER + "/" + name);
            return false;
        }
        shown.put(name, new Shown(proof, proof.challenge() == Challenge.TLS_ALPN_01 ? entry(proof) : null));
        return true;
    }

    private void tell() throws IOException {
        Map<String, String> byToken = new HashMap<>();
        Map<String, PrivateKeyEntry> byName = new HashMap<>();
        for (Shown each : shown.values()) {
            PrivateKeyEntry entry = each.entry;
            if (entry == null) {
                byToken.put(each.proof.token(), each.proof.answer());
            } else {
                byName.put(each.proof.host(), entry);
            }
        }
        answers.inFlight(byToken, byName);
        LOG.atDebug().addKeyValue("proofs", shown.size()).log("proofs in flight");
    }

    /// RFC 8737 §3. The key proves nothing, so one does for all; and any node may make its own certificate.
    private PrivateKeyEntry entry(Proof proof) throws IOException {
        KeyPair pair = key;
        if (pair == null) {
            pair = KeyPairUtils.createKeyPair(2048);
            key = pair;
        }
        X509Certificate certificate =
                CertificateUtils.createTlsAlpn01Certificate(pair, Identifier.dns(proof.host()), proof.digest());
        return new PrivateKeyEntry(pair.getPrivate(), new Certificate[] {certificate});
    }

    /// Nothing is asked for any more, as far as this process goes.
    synchronized void close() throws IOException {
        shown.clear();
        tell();
    }
}
