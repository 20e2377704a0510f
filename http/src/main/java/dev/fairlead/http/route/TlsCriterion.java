package dev.fairlead.http.route;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the handshake of a client's connection must have told.
final class TlsCriterion {
    private TlsCriterion() {}

    /// The name that the client asked for: one of these, or ending with one of those.
    record Name(String[] names, String[] ends) implements Criterion {
        static Name of(List<String> patterns) {
            return new Name(
                    patterns.stream().filter(each -> !each.startsWith("*.")).toArray(String[]::new),
                    patterns.stream()
                            .filter(each -> each.startsWith("*."))
                            .map(each -> each.substring(1))
                            .toArray(String[]::new));
        }

        @Override
        public boolean holds(RequestHead request, Client client) {
            String sni = client.sni();
            if (sni == null) {
                return false;
            }
            for (String name : names) {
                if (sni.equals(name)) {
                    return true;
                }
            }
            for (String end : ends) {
                if (sni.endsWith(end) && sni.length() > end.length()) {
                    return true;
                }
            }
            return false;
        }
    }

    /// Of the client's certificate.
    record Subject(Regex regex) implements Criterion {
        @Override
        public boolean holds(RequestHead request, Client client) {
            String subject = client.tls() == null ? "" : client.tls().clientSubject();
            byte[] bytes = subject.getBytes(StandardCharsets.UTF_8);
            return bytes.length > 0 && regex.fits(bytes, 0, bytes.length);
        }
    }
}
