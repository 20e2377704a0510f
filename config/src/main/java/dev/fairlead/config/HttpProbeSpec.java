package dev.fairlead.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Good when a GET is answered with an expected status.
@Kind(key = "protocol", word = "http", doc = "Good when a GET is answered with an expected status.")
public record HttpProbeSpec(
        @Key(value = "The request's path and query.", absent = "/", example = "/healthz", form = Form.TARGET)
        String path,

        @Key(
                value = "The request's `Host`. Absent: the endpoint's address.",
                optional = true,
                form = Form.HOST,
                example = "app.example.com")
        @Nullable
        String host,

        @Key(value = "The statuses that are good: one, or a range.", absent = "200-399", example = "200")
        StatusRange expect,

        @Key(
                value = "Time between the starts of two probes of one endpoint; one that takes longer delays the next.",
                absent = "2s",
                min = "10ms",
                max = "1h")
        Duration interval,

        @Key(value = "A probe that takes longer has failed.", absent = "1s", min = "10ms", max = "1m")
        Duration timeout,

        @Key(value = "Good probes in a row that bring an endpoint up.", absent = "2", min = "1", max = "100")
        int rise,

        @Key(value = "Bad probes in a row that take an endpoint down.", absent = "3", min = "1", max = "100")
        int fall)
        implements ProbeSpec {}
