package dev.fairlead.net.probe;

/// Where a probe says what it found. The first finding counts; the connection is closed with it.
@FunctionalInterface
interface Finding {
    void found(ProbeResult result);

    default void good(String reason) {
        found(ProbeResult.good(reason));
    }

    default void bad(String reason) {
        found(ProbeResult.bad(reason));
    }
}
