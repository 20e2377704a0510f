package dev.fairlead.net.tls;

import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.pem.Credential;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The certificates of a listener by the names that they are for; none while the first is still to be issued.
/// Immutable.
final class ServedNames {
    private final List<Served> all;
    private final Map<String, Pair> byHost = new HashMap<>();
    private final Map<String, Pair> byWildcard = new HashMap<>();
    private final @Nullable Pair byDefault;
    private final TlsSpec spec;
    private final @Nullable QuicSslContext quic;

    /// Of one name: the first certificate of each kind.
    private static final class Pair {
        private @Nullable Served ecdsa;
        private @Nullable Served rsa;

        void add(Served served) {
            if (served.credential().isEcdsa()) {
                ecdsa = ecdsa == null ? served : ecdsa;
            } else {
                rsa = rsa == null ? served : rsa;
            }
        }

        /// ECDSA signs some ten times as fast. Who takes neither is given what there is, and fails on it.
        Served choose(ClientHello hello) {
            Served fast = ecdsa;
            Served old = rsa;
            if (fast != null && (hello.takesEcdsa() || old == null)) {
                return fast;
            }
            assert old != null : "no pair is empty";
            return old;
        }
    }

    /// `trust` is that of `spec`.
    ServedNames(TlsSpec spec, List<Served> all, @Nullable ClientTrust trust) {
        this.spec = spec;
        this.all = List.copyOf(all);
        for (Served served : all) {
            for (String host : served.hosts()) {
                (host.startsWith("*.") ? byWildcard : byHost)
                        .computeIfAbsent(host.startsWith("*.") ? host.substring(1) : host, _ -> new Pair())
                        .add(served);
            }
        }
        byDefault = all.isEmpty() ? null : likeThe(all.getFirst(), all);
        Served begun = choose(ofQuic(null));
        quic = begun == null || begun.quic() == null
                ? null
                : QuicContexts.ofNames(spec, begun.credential(), trust, this::contextFor);
    }

    private @Nullable QuicSslContext contextFor(@Nullable String sni) {
        Served served = choose(ofQuic(sni == null ? null : sni.toLowerCase(Locale.ROOT)));
        return served == null ? null : served.quic();
    }

    /// With the other kind for the same names: nobody sees a difference but in speed.
    private static Pair likeThe(Served first, List<Served> all) {
        Pair pair = new Pair();
        for (Served served : all) {
            if (served.hosts().equals(first.hosts())) {
                pair.add(served);
            }
        }
        return pair;
    }

    /// Whether there is none yet: its certificates are still to be issued.
    boolean isEmpty() {
        return all.isEmpty();
    }

    /// What is known of a client when the codec of QUIC asks for its certificate. One that speaks QUIC knows ECDSA.
    static ClientHello ofQuic(@Nullable String sni) {
        return new ClientHello(sni, List.of(), true);
    }

    /// With which a handshake of QUIC begins; null: there is none.
    @Nullable
    QuicSslContext quic() {
        QuicSslContext here = quic;
        if (here != null && !spec.tickets().enabled()) {
            QuicContexts.spoilTickets(here);
        }
        return here;
    }

    /// Before the first handshake.
    void ticketKeys(OpenSslSessionTicketKey[] keys) {
        for (Served each : all) {
            if (each.context().sessionContext() instanceof OpenSslSessionContext sessions) {
                sessions.setTicketKeys(keys);
            }
        }
        if (quic != null) {
            // A session belongs to the context with which its handshake began.
            QuicContexts.tickets(quic, keys);
        }
    }

    TlsSpec spec() {
        return spec;
    }

    /// The certificate for this client; null: it is to be refused.
    @Nullable
    Served choose(ClientHello hello) {
        Pair others = byDefault;
        if (others == null) {
            return null;
        }
        String name = hello.sni();
        if (name == null) {
            return others.choose(hello);
        }
        Pair exact = byHost.get(name);
        if (exact != null) {
            return exact.choose(hello);
        }
        int dot = name.indexOf('.');
        Pair wild = dot > 0 ? byWildcard.get(name.substring(dot)) : null;
        if (wild != null) {
            return wild.choose(hello);
        }
        return switch (spec.unknownName()) {
            case DEFAULT_CERTIFICATE -> others.choose(hello);
            case REFUSE -> null;
        };
    }

    List<Credential> credentials() {
        List<Credential> credentials = new ArrayList<>();
        all.forEach(each -> credentials.add(each.credential()));
        return credentials;
    }

    void release() {
        all.forEach(Served::release);
    }
}
