package dev.fairlead.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a listener speaks TLS to its clients.
public record TlsSpec(
        @Key(
                value =
                        "The certificates, each with its key. A client gets the one that has the name it asks for by SNI: an exact name goes before `*.example.com`, and of equal ones the first of the kind that the client can do with, ECDSA before RSA. The first of the list is for everybody else. Their files are looked at every second, and followed when they have changed; connections stay. There must be one here or in `acme`.")
        List<CertificateSpec> certificates,

        @Key(
                value =
                        "Which versions and ciphers are spoken. `intermediate`: TLS 1.3, and of TLS 1.2 what has forward secrecy and authenticated encryption; every browser since 2014 knows it. `modern`: TLS 1.3 alone.",
                absent = "intermediate")
        TlsPolicy policy,

        @Key(
                value =
                        "Certificates of clients (mutual TLS). Absent: none is asked for, and what a client offers is not looked at.",
                optional = true)
        @Nullable
        ClientCertificatesSpec clientCertificates,

        @Key(
                value =
                        "What becomes of a client that asks for a name which no certificate has. `default-certificate`: it gets the first one, and may believe it or not. `refuse`: the alert `unrecognized_name`.",
                absent = "default-certificate")
        UnknownName unknownName,

        @Key(
                value =
                        "What a request's host must agree with, or else it is answered 421 (RFC 9110 §15.5.20): the name asked for by SNI or one of the `certificate` that the client got, the `sni` alone, or `nothing`. Of a client without SNI nothing is asked. Clients share one connection between all names of a certificate, which is why `certificate` is the default.",
                absent = "certificate")
        HostAgreement hostAgreement,

        @Key(
                value =
                        "Time from the connection to the end of the handshake; who is later is reset. 10s outlives three lost packets in a row.",
                absent = "10s",
                min = "100ms",
                max = "10m")
        Duration handshakeTimeout,

        @Key(
                value =
                        "The longest ClientHello, and what a connection may hold in memory until it is read. No client sends as much as 64KiB.",
                absent = "64KiB",
                min = "1KiB",
                max = "64KiB",
                form = Form.SIZE)
        int helloBytes,

        @Key("Session tickets, by which a client that comes again need not make the whole handshake.")
        TicketsSpec tickets,

        @Key(
                value =
                        "Certificates that Fairlead gets and renews by itself, as the top-level `acme` says; each entry is one certificate. They come after `certificates` where an order matters. [acme.md](acme.md) has more.",
                orOne = true)
        List<AcmeCertificateSpec> acme,

        @Key(
                value =
                        "Whether clients that ask for it are told by us that a certificate is not revoked, in the words of its authority (OCSP stapling). `staple`: the responder that the certificate names is asked, and its answer kept and renewed; where none can be had, handshakes go on without. Over HTTP/3 nothing is stapled.",
                absent = "off")
        Ocsp ocsp) {
    public TlsSpec {
        certificates = List.copyOf(certificates);
        acme = List.copyOf(acme);
    }

    /// With the operator's own certificates only.
    public TlsSpec(
            List<CertificateSpec> certificates,
            TlsPolicy policy,
            @Nullable ClientCertificatesSpec clientCertificates,
            UnknownName unknownName,
            HostAgreement hostAgreement,
            Duration handshakeTimeout,
            int helloBytes,
            TicketsSpec tickets) {
        this(
                certificates,
                policy,
                clientCertificates,
                unknownName,
                hostAgreement,
                handshakeTimeout,
                helloBytes,
                tickets,
                List.of(),
                Ocsp.OFF);
    }

    /// Without OCSP.
    public TlsSpec(
            List<CertificateSpec> certificates,
            TlsPolicy policy,
            @Nullable ClientCertificatesSpec clientCertificates,
            UnknownName unknownName,
            HostAgreement hostAgreement,
            Duration handshakeTimeout,
            int helloBytes,
            TicketsSpec tickets,
            List<AcmeCertificateSpec> acme) {
        this(
                certificates,
                policy,
                clientCertificates,
                unknownName,
                hostAgreement,
                handshakeTimeout,
                helloBytes,
                tickets,
                acme,
                Ocsp.OFF);
    }

    /// The same with this of OCSP.
    public TlsSpec with(Ocsp stapling) {
        return new TlsSpec(
                certificates,
                policy,
                clientCertificates,
                unknownName,
                hostAgreement,
                handshakeTimeout,
                helloBytes,
                tickets,
                acme,
                stapling);
    }

    /// What becomes of names that nobody has.
    public enum UnknownName {
        DEFAULT_CERTIFICATE,
        REFUSE
    }

    /// Whether we say ourselves that a certificate is not revoked.
    public enum Ocsp {
        OFF,
        STAPLE
    }

    /// What the host of a request must agree with.
    public enum HostAgreement {
        CERTIFICATE,
        SNI,
        NOTHING
    }
}
