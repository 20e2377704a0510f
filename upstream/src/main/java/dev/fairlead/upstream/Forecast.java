package dev.fairlead.upstream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a new flow of a client would go now. `carrier`: what would carry it. `upstream`: null when none takes it.
/// `candidates`: one alone where neither turns nor chance decide. `how`: what the choice goes by, in a few words.
public record Forecast(String carrier, @Nullable Upstream upstream, List<Endpoint> candidates, String how) {
    public Forecast {
        candidates = List.copyOf(candidates);
    }
}
