package dev.fairlead.config;

import java.time.Duration;

/// A table of clients by IP address.
public record SourceTableSpec(
        @Key(value = "A client that opens nothing for this long is forgotten.", absent = "30m", min = "1s", max = "7d")
        Duration idle,

        @Key(
                value =
                        "Clients remembered at once; beyond it, one that was long idle is forgotten for each new one. About 50 bytes each.",
                absent = "100000",
                min = "1",
                max = "10000000")
        int entriesMax) {}
