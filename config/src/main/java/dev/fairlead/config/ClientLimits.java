package dev.fairlead.config;

/// What one client, or one prefix of clients, may take of a listener.
public record ClientLimits(
        @Key(value = "Connections open at once. 0: no bound.", absent = "0", min = "0", max = "10000000")
        int connections,

        @Key(
                value = "New connections each second, in the long run. 0: no bound.",
                absent = "0",
                min = "0",
                max = "1000000")
        int rate,

        @Key(
                value =
                        "New connections that may come at once after a quiet time. 0: as many as `rate`, what a second brings.",
                absent = "0",
                min = "0",
                max = "1000000")
        int burst) {

    /// Whether it bounds anything.
    public boolean isOn() {
        return connections > 0 || rate > 0;
    }
}
