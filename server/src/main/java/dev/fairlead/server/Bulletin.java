package dev.fairlead.server;

import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import dev.fairlead.upstream.health.CircuitBreaker;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says in the log, once each, what upstreams have come to since it last looked: panic, ejections, breakers. The
/// upstreams themselves are pure and say nothing. Control thread.
final class Bulletin {
    private static final Logger LOG = LoggerFactory.getLogger(Bulletin.class);

    private final Upstreams upstreams;
    private final Set<String> panicking = new HashSet<>();
    private final Map<String, CircuitBreaker.State> breakers = new HashMap<>();
    private final Set<Endpoint> ejected = new HashSet<>();

    Bulletin(Upstreams upstreams) {
        this.upstreams = upstreams;
    }

    void look() {
        for (Upstream upstream : upstreams.all()) {
            upstream.endpoints().forEach(this::ejection);
            panic(upstream);
            breaker(upstream);
        }
        ejected.removeIf(Endpoint::isGone);
        Set<String> names = new HashSet<>();
        upstreams.all().forEach(upstream -> names.add(upstream.name()));
        panicking.retainAll(names);
        breakers.keySet().retainAll(names);
    }

    private void ejection(Endpoint endpoint) {
        var cause = endpoint.ejectedFor();
        if (cause != null && ejected.add(endpoint)) {
            LOG.atWarn()
                    .addKeyValue("upstream", endpoint.upstream())
                    .addKeyValue("endpoint", endpoint.name())
                    .addKeyValue("cause", word(cause))
                    .log("endpoint ejected");
        } else if (cause == null && ejected.remove(endpoint)) {
            LOG.atInfo()
                    .addKeyValue("upstream", endpoint.upstream())
                    .addKeyValue("endpoint", endpoint.name())
                    .log("endpoint back from its ejection");
        }
    }

    private void panic(Upstream upstream) {
        if (upstream.isPanicking() && panicking.add(upstream.name())) {
            LOG.atError()
                    .addKeyValue("upstream", upstream.name())
                    .log("PANIC: too few endpoints may be used, so all are");
        } else if (!upstream.isPanicking() && panicking.remove(upstream.name())) {
            LOG.atWarn().addKeyValue("upstream", upstream.name()).log("panic is over");
        }
    }

    private void breaker(Upstream upstream) {
        CircuitBreaker.State state = upstream.breakerState();
        CircuitBreaker.State before = breakers.put(upstream.name(), state);
        if (state != (before == null ? CircuitBreaker.State.CLOSED : before)) {
            LOG.atWarn()
                    .addKeyValue("upstream", upstream.name())
                    .addKeyValue("state", word(state))
                    .log("breaker");
        }
    }

    private static String word(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
