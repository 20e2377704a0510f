package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Good when a request is answered with an expected status, and the text if one is asked for.
@Kind(
        key = "protocol",
        word = "http",
        doc = "Good when a request is answered with an expected status, and the text if one is asked for.")
public record HttpProbeSpec(
        @Key(
                value = "The request's method; the request has no body.",
                absent = "GET",
                form = Form.METHOD,
                example = "HEAD")
        String method,

        @Key(value = "The request's path and query.", absent = "/", example = "/healthz", form = Form.TARGET)
        String path,

        @Key(
                value = "The request's `Host`. Absent: the address that is probed.",
                optional = true,
                form = Form.HOST,
                example = "app.example.com")
        @Nullable
        String host,

        @Key(
                value = "The statuses that are good: one, a range, or a list of these.",
                absent = "200-399",
                example = "[200-299, 304]",
                orOne = true)
        List<StatusRange> expect,

        @Key(
                value =
                        "A text that must stand in the first 64 KiB of the answer's body, byte for byte in UTF-8 as it is sent. Absent: the status alone decides.",
                optional = true,
                example = "all is well")
        @Nullable
        String body,

        @Key(value = "Whether it is asked over TLS.", absent = "false")
        boolean tls,

        @Key(value = "Which certificate is believed.", inline = true)
        TlsTrust trust,

        @Key(
                value = "Probes this port instead of the one that takes the traffic. 0: the same.",
                absent = "0",
                min = "0",
                max = "65535")
        int port,

        @Key(value = "How often, and how many decide.", inline = true)
        ProbePace pace)
        implements ProbeSpec {
    public HttpProbeSpec {
        expect = List.copyOf(expect);
    }

    public boolean expects(int status) {
        return expect.stream().anyMatch(each -> each.holds(status));
    }
}
