package dev.fairlead.admin;

import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Manual;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What an operator says of one endpoint. It outlasts reloads, as long as the endpoint is in the config.
public record EndpointOrder(String upstream, String endpoint, Wish wish) {
    /// Greater ones no config has either.
    private static final int WEIGHT_MAX = 1000;

    public sealed interface Wish {
        /// `drainSeconds`: a drain ends after this long, and cuts the flows that are left; 0: when they end.
        record State(Manual manual, int drainSeconds) implements Wish {}

        /// [Endpoint#NO_WEIGHT]: that of the config again.
        record Weight(int weight) implements Wish {}
    }

    /// What came of it.
    public sealed interface Told {
        record Done(Endpoint endpoint) implements Told {}

        /// There is no such upstream or endpoint; the reason names those that are there.
        record Unknown(String reason) implements Told {}
    }

    /// The wish in the last part of a path and its query, such as `drain`, or `weight` and `value=5`; null when
    /// there is none like it.
    static @Nullable Wish wish(String word, @Nullable String query) {
        return switch (word) {
            case "auto", "up", "down" -> new Wish.State(Manual.valueOf(word.toUpperCase(Locale.ROOT)), 0);
            case "drain" -> drain(query);
            case "weight" -> weight(query);
            default -> null;
        };
    }

    private static @Nullable Wish drain(@Nullable String query) {
        if (query == null) {
            return new Wish.State(Manual.DRAIN, 0);
        }
        return query.matches("timeout=[0-9]{1,6}")
                ? new Wish.State(Manual.DRAIN, Integer.parseInt(query.substring("timeout=".length())))
                : null;
    }

    private static @Nullable Wish weight(@Nullable String query) {
        if (query == null || !query.startsWith("value=")) {
            return null;
        }
        String value = query.substring("value=".length());
        if (value.equals("auto")) {
            return new Wish.Weight(Endpoint.NO_WEIGHT);
        }
        boolean isNumber = value.matches("[0-9]{1,4}");
        return isNumber && Integer.parseInt(value) <= WEIGHT_MAX ? new Wish.Weight(Integer.parseInt(value)) : null;
    }

    /// Control thread.
    public Told follow(Upstreams upstreams) {
        for (Upstream each : upstreams.all()) {
            if (each.name().equals(upstream)) {
                return follow(each);
            }
        }
        List<String> names =
                upstreams.all().stream().map(Upstream::name).sorted().toList();
        return new Told.Unknown("no upstream " + upstream + "; there are " + names);
    }

    private Told follow(Upstream on) {
        for (Endpoint each : on.endpoints()) {
            if (each.name().equals(endpoint)) {
                switch (wish) {
                    case Wish.State(Manual manual, var _) -> on.manual(each, manual);
                    case Wish.Weight(int weight) -> on.weight(each, weight);
                }
                return new Told.Done(each);
            }
        }
        List<String> names = on.endpoints().stream().map(Endpoint::name).toList();
        return new Told.Unknown("no endpoint " + endpoint + " in " + upstream + "; there are " + names);
    }
}
