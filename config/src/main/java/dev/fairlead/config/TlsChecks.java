package dev.fairlead.config;

import dev.fairlead.config.pem.Certificates;
import dev.fairlead.config.pem.Credential;
import dev.fairlead.config.pem.TicketSecrets;
import dev.fairlead.config.pem.Unusable;
import java.time.Instant;
import java.util.function.BiConsumer;

/// Whether the files that TLS needs are there and fit together. Problems are told by their path.
final class TlsChecks {
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    TlsChecks(BiConsumer<String, String> error) {
        this.error = error;
    }

    /// Conditions on a handshake that does not take place.
    void match(MatchSpec match, String path) {
        if (!match.sni().isEmpty()) {
            error.accept(path + "/sni", "no request has one: the listener has no `tls`");
        }
        if (match.clientSubject() != null) {
            error.accept(path + "/client-subject", "no request has one: the listener has no `tls`");
        }
        for (int i = 0; i < match.all().size(); i++) {
            match(match.all().get(i), path + "/all/" + i);
        }
        for (int i = 0; i < match.any().size(); i++) {
            match(match.any().get(i), path + "/any/" + i);
        }
        if (match.not() != null) {
            match(match.not(), path + "/not");
        }
    }

    void listener(TlsSpec tls, String path) {
        for (int i = 0; i < tls.certificates().size(); i++) {
            String at = path + "/certificates/" + i;
            CertificateSpec spec = tls.certificates().get(i);
            try {
                spec.read();
            } catch (Unusable unusable) {
                error.accept(place(unusable, spec, at), sentence(unusable));
            }
        }
        ClientCertificatesSpec clients = tls.clientCertificates();
        if (clients != null) {
            check(() -> Certificates.read(clients.ca()), path + "/client-certificates/ca");
            String crl = clients.crl();
            if (crl != null) {
                check(() -> Certificates.readRevocations(crl), path + "/client-certificates/crl");
            }
        }
        tickets(tls.tickets(), path + "/tickets");
    }

    void upstream(UpstreamSpec upstream) {
        UpstreamTlsSpec tls = upstream.tls();
        if (tls == null) {
            return;
        }
        String path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/tls";
        String ca = tls.ca();
        if (ca != null && !tls.verify()) {
            error.accept(path + "/ca", "`ca` means nothing with `verify: false`");
        } else if (ca != null) {
            check(() -> Certificates.read(ca), path + "/ca");
        }
        CertificateSpec own = tls.certificate();
        if (own != null) {
            try {
                own.read();
            } catch (Unusable unusable) {
                error.accept(place(unusable, own, path + "/certificate"), sentence(unusable));
            }
        }
    }

    private void tickets(TicketsSpec tickets, String path) {
        String keys = tickets.keysFile();
        if (keys == null) {
            return;
        }
        if (!tickets.enabled()) {
            error.accept(path + "/keys-file", "`keys-file` means nothing with `enabled: false`");
        } else {
            check(() -> TicketSecrets.read(keys), path + "/keys-file");
        }
    }

    /// What is odd about certificates that can be used.
    static void remarks(TlsSpec tls, String path, BiConsumer<String, String> warning) {
        Instant now = Instant.now();
        for (int i = 0; i < tls.certificates().size(); i++) {
            String at = path + "/certificates/" + i;
            CertificateSpec spec = tls.certificates().get(i);
            try {
                Credential read = spec.read();
                read.remarks(now).forEach(remark -> warning.accept(certificate(spec, at), remark));
                String unstapled = tls.ocsp() == TlsSpec.Ocsp.STAPLE ? read.unstapled() : null;
                if (unstapled != null) {
                    warning.accept(certificate(spec, at), unstapled);
                }
            } catch (Unusable changed) {
                // It was usable a moment ago, and is read again before it is used.
                warning.accept(certificate(spec, at), sentence(changed));
            }
        }
    }

    /// A probe that asks in the clear where TLS is spoken finds every endpoint down; one of another port may be right.
    static void remarks(UpstreamSpec upstream, BiConsumer<String, String> warning) {
        ProbeSpec probe = upstream.probe();
        if (upstream.tls() == null || probe == null || probe.port() != 0) {
            return;
        }
        String path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/probe";
        String plain = "the endpoints speak TLS (`tls` of the upstream), and the probe does not: ";
        switch (probe) {
            case HttpProbeSpec http when !http.tls() -> warning.accept(path, plain + "give it `tls: true`");
            case GrpcProbeSpec grpc when !grpc.tls() -> warning.accept(path, plain + "give it `tls: true`");
            // One of TCP works, and sees that somebody listens.
            case HttpProbeSpec _, GrpcProbeSpec _, TcpProbeSpec _, TlsProbeSpec _ -> {}
        }
    }

    private static String place(Unusable unusable, CertificateSpec spec, String at) {
        return switch (unusable.part()) {
            case CERTIFICATE -> certificate(spec, at);
            case KEY -> spec.key() == null ? certificate(spec, at) : at + "/key";
            case PASSWORD -> at + "/key-password-file";
        };
    }

    /// Where only the certificate is given it may stand alone, without its key.
    private static String certificate(CertificateSpec spec, String at) {
        return spec.key() == null && spec.keyPasswordFile() == null ? at : at + "/certificate";
    }

    private interface Reading {
        Object read() throws Unusable;
    }

    private void check(Reading reading, String path) {
        try {
            reading.read();
        } catch (Unusable unusable) {
            error.accept(path, sentence(unusable));
        }
    }

    static String sentence(Unusable unusable) {
        return String.valueOf(unusable.getMessage());
    }
}
