package dev.fairlead.config;

import java.time.Duration;

/// Which endpoints are kept out for a while because of what real traffic saw of them.
public record OutlierSpec(
        @Key(
                value = "Failed connects in a row that eject an endpoint. 0: never.",
                absent = "5",
                min = "0",
                max = "1000")
        int connectFailures,

        @Key(
                value =
                        "Faults in a row (a status of 500 and above, a connection that breaks off, a timeout) that eject an endpoint. 0: never.",
                absent = "5",
                min = "0",
                max = "1000")
        int faults,

        @Key(
                value = "Outcomes are counted over this long, then endpoints are compared.",
                absent = "10s",
                min = "1s",
                max = "1h")
        Duration interval,

        @Key(
                value =
                        "How many standard deviations the success rate may be below the group's mean, in percent: 190 is 1.9. 0: rates eject nobody.",
                absent = "190",
                min = "0",
                max = "1000")
        int successRateFactor,

        @Key(
                value =
                        "How far the mean latency may be above the group's median, in percent of it: 300 is three times. 0, the default: latency ejects nobody.",
                absent = "0",
                min = "0",
                max = "10000")
        int latencyFactor,

        @Key(
                value = "Endpoints with `requests-min` outcomes that there must be before any are compared.",
                absent = "5",
                min = "2",
                max = "1000")
        int endpointsMin,

        @Key(
                value = "Outcomes in an interval below which an endpoint is not compared.",
                absent = "100",
                min = "1",
                max = "1000000")
        int requestsMin,

        @Key(
                value =
                        "How long the first ejection lasts; the second in a row twice as long, and so on. Every such time without one is forgiven.",
                absent = "30s",
                min = "1s",
                max = "1h")
        Duration ejectionTime,

        @Key(value = "No ejection is longer.", absent = "5m", min = "1s", max = "1d")
        Duration ejectionTimeMax,

        @Key(
                value =
                        "Endpoints of the upstream that may be ejected at once, in percent. Above 0, one of two or more may always be; the only one never.",
                absent = "10",
                min = "0",
                max = "100")
        int ejectedMax) {}
