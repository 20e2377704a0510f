package dev.fairlead.acme;

import dev.fairlead.config.pem.Certificates;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A certificate that an authority has just given, with those that lead to that one.
record Issued(List<X509Certificate> chain) {
    Issued {
        chain = List.copyOf(chain);
    }

    /// Throws where it would not do, or not for long: it would be ordered again at once, and each time in vain.
    void check(List<String> names, Instant now) throws Refusal {
        List<String> missing = new ArrayList<>(names);
        missing.removeAll(Certificates.hosts(chain.getFirst()));
        if (!missing.isEmpty()) {
            throw new Refusal("the certificate that the authority has given is not for " + String.join(", ", missing));
        }
        int unsigned = Certificates.unsigned(chain);
        if (unsigned >= 0) {
            throw new Refusal("certificate " + (unsigned + 1)
                    + " of the chain that the authority has given is not signed by the one behind it");
        }
        Instant from = chain.getFirst().getNotBefore().toInstant();
        Instant until = chain.getFirst().getNotAfter().toInstant();
        if (!Plan.byLifetime(from, until, 1).isAfter(now)) {
            throw new Refusal("the certificate that the authority has given is good from " + from + " until " + until
                    + ", and would be renewed at once: is the clock right, which says " + now + "?");
        }
    }
}
