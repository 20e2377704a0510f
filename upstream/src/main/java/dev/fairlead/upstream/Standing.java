package dev.fairlead.upstream;

import java.util.Locale;

/// What there is to say of an endpoint besides its health.
public final class Standing {
    private Standing() {}

    /// Why it is not picked as others are, in a few words; `-` when there is nothing to say.
    public static String of(Endpoint endpoint) {
        if (endpoint.manual() != Manual.AUTO) {
            return endpoint.manual().name().toLowerCase(Locale.ROOT) + " by hand";
        }
        if (endpoint.isEjected()) {
            return "ejected";
        }
        return endpoint.isFull() ? "full" : "-";
    }
}
