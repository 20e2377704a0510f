package dev.fairlead.acme;

import java.time.Duration;
import java.time.Instant;

/// When to order. Pure: `draw` is what chance says, from 0 to below 1. Nodes that share certificates draw differently,
/// and the first to come renews for all.
final class Plan {
    /// Below, half of the life has to be left when it is renewed: there is little time for a person to see to it.
    private static final Duration SHORT = Duration.ofDays(10);

    private static final Duration PAUSE_MAX = Duration.ofHours(6);

    private Plan() {}

    /// In the last tenth before a third of its life is left, or half of a short one.
    static Instant byLifetime(Instant notBefore, Instant notAfter, double draw) {
        Duration life = Duration.between(notBefore, notAfter);
        double latest = life.compareTo(SHORT) < 0 ? 1 / 2d : 2 / 3d;
        return notBefore.plusMillis((long) ((double) life.toMillis() * (latest - draw / 10)));
    }

    /// RFC 9773 §4.2: a moment of the window that the authority suggests, each as likely as the next.
    static Instant inWindow(Instant start, Instant end, double draw) {
        return start.plusMillis((long) ((double) Duration.between(start, end).toMillis() * draw));
    }

    /// How long to wait after so many failures in a row: twice as long each time, and a tenth more or less.
    static Duration pause(int failures, Duration first, double draw) {
        double millis = (double) first.toMillis() * Math.pow(2, Math.max(0, Math.min(failures, 32) - 1));
        double bounded = Math.min(millis, (double) Math.max(first.toMillis(), PAUSE_MAX.toMillis()));
        return Duration.ofMillis((long) (bounded * (0.9 + draw / 5)));
    }
}
