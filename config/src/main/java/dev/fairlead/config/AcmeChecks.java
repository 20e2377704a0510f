package dev.fairlead.config;

import dev.fairlead.config.pem.Certificates;
import dev.fairlead.config.pem.Unusable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/// Whether certificates can be got for what the listeners ask. Problems are told by their path.
final class AcmeChecks {
    private static final Pattern ADDRESS = Pattern.compile("[0-9]+([.][0-9]+)*");

    private final Config config;
    private final ToIntFunction<String> line;
    private final BiConsumer<String, String> error;

    /// `line` takes a path, `error` a path and a message.
    AcmeChecks(Config config, ToIntFunction<String> line, BiConsumer<String, String> error) {
        this.config = config;
        this.line = line;
        this.error = error;
    }

    private record Wanted(AcmeCertificateSpec certificate, String path) {}

    void run() {
        Map<String, Wanted> byName = new HashMap<>();
        for (ListenerSpec listener : config.listeners().values()) {
            if (listener instanceof HttpListenerSpec http && http.tls() != null) {
                listener(http.tls(), "/listeners/" + YamlText.escaped(http.name()) + "/tls", byName);
            }
        }
        AcmeSpec acme = config.acme();
        if (acme != null) {
            server(acme, byName.isEmpty());
        }
    }

    private void listener(TlsSpec tls, String path, Map<String, Wanted> byName) {
        if (tls.certificates().isEmpty() && tls.acme().isEmpty()) {
            error.accept(path, "there is no certificate: neither in `certificates` nor in `acme`");
        }
        if (!tls.acme().isEmpty() && config.acme() == null) {
            error.accept(path + "/acme", "nobody issues certificates: the top-level key `acme` is missing");
        }
        for (int i = 0; i < tls.acme().size(); i++) {
            AcmeCertificateSpec certificate = tls.acme().get(i);
            String at = path + "/acme/" + i;
            if (certificate.names().isEmpty()) {
                error.accept(at, "there is no name: a certificate is for one or more");
                continue;
            }
            names(certificate, at);
            Wanted other = byName.putIfAbsent(certificate.name(), new Wanted(certificate, at));
            if (other != null && !other.certificate.equals(certificate)) {
                error.accept(
                        at,
                        "another certificate begins with `" + certificate.name() + "`, on line "
                                + line.applyAsInt(other.path) + ", and is for other names: its file would be the same");
            }
        }
    }

    private void names(AcmeCertificateSpec certificate, String at) {
        List<String> names = certificate.names();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (ADDRESS.matcher(name).matches()) {
                error.accept(at, "`" + name + "` is an address: certificates are got for names");
            } else if (names.indexOf(name) < i) {
                error.accept(at, "`" + name + "` stands twice");
            }
        }
    }

    private void server(AcmeSpec acme, boolean isIdle) {
        if (acme.directory().startsWith("http:")) {
            // RFC 8555 §6.1.
            error.accept("/acme/directory", "an ACME server is spoken to over `https://` only");
        }
        if (!acme.termsAgreed()) {
            error.accept("/acme/terms-agreed", "no account is made without your agreement: `terms-agreed: true`");
        }
        if (acme.ca() != null) {
            try {
                Certificates.read(acme.ca());
            } catch (Unusable unusable) {
                error.accept("/acme/ca", String.valueOf(unusable.getMessage()));
            }
        }
        if (!isIdle
                && acme.challenge() == AcmeSpec.Challenge.HTTP_01
                && plainPorts().isEmpty()) {
            error.accept("/acme/challenge", "nobody would answer: there is no http listener without `tls`");
        }
    }

    private List<Integer> plainPorts() {
        return ports(config, false);
    }

    private static List<Integer> ports(Config config, boolean secured) {
        return config.listeners().values().stream()
                .filter(HttpListenerSpec.class::isInstance)
                .map(HttpListenerSpec.class::cast)
                .filter(each -> secured ? each.tls() != null : each.tls() == null)
                .flatMap(each -> each.eachAddress().stream())
                .map(Address::port)
                .toList();
    }

    /// What is odd, though it may be meant.
    static void remarks(Config config, BiConsumer<String, String> warning) {
        AcmeSpec acme = config.acme();
        if (acme == null) {
            return;
        }
        if (AcmeSpec.wanted(config).isEmpty()) {
            warning.accept("/acme", "no listener has `acme` in its `tls`: no certificate is got");
            return;
        }
        // RFC 8555 §8.3 and RFC 8737 §3: the authority asks these ports and no other.
        boolean isHttp = acme.challenge() == AcmeSpec.Challenge.HTTP_01;
        int port = isHttp ? 80 : 443;
        if (!ports(config, !isHttp).contains(port)) {
            warning.accept(
                    "/acme",
                    "the authority asks port " + port + " of each name, and no listener that can answer has it: "
                            + "something in front must lead it here");
        }
    }
}
