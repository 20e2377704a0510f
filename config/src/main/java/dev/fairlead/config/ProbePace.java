package dev.fairlead.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How often probes are made, and how many of them decide.
public record ProbePace(
        @Key(
                value = "Time between the starts of two probes of one endpoint; one that takes longer delays the next.",
                absent = "2s",
                min = "10ms",
                max = "1h")
        Duration interval,

        @Key(
                value =
                        "The interval while the endpoint is down. Absent: half of `interval`, though not below 1s where `interval` is longer: who recovers is found soon, and not overrun.",
                optional = true,
                min = "10ms",
                max = "1h")
        @Nullable
        Duration intervalDown,

        @Key(
                value =
                        "Each interval is up to this much longer or shorter, by chance, in percent: many Fairleads do not knock in step.",
                absent = "10",
                min = "0",
                max = "50")
        int jitter,

        @Key(value = "A probe that takes longer has failed.", absent = "1s", min = "10ms", max = "1m")
        Duration timeout,

        @Key(value = "Good probes in a row that bring an endpoint up.", absent = "2", min = "1", max = "100")
        int rise,

        @Key(value = "Bad probes in a row that take an endpoint down.", absent = "3", min = "1", max = "100")
        int fall) {
    private static final Duration DOWN_LEAST = Duration.ofSeconds(1);

    /// The interval while the endpoint is up or down.
    public Duration interval(boolean isDown) {
        if (!isDown) {
            return interval;
        }
        if (intervalDown != null) {
            return intervalDown;
        }
        Duration least = interval.compareTo(DOWN_LEAST) < 0 ? interval : DOWN_LEAST;
        Duration half = interval.dividedBy(2);
        return half.compareTo(least) < 0 ? least : half;
    }
}
