package dev.fairlead.config;

import java.util.List;

/// Which fields of a request are believed, and which are added.
public record HeadersSpec(
        @Key(
                value =
                        "Proxies in front of this listener, by address. What they say of the client (`X-Forwarded-For` or `Forwarded`, `X-Forwarded-Proto`, `X-Forwarded-Host`, `X-Request-Id`) is kept and added to; what anybody else says in these fields is replaced. The client of balancing keys, routes and the access log is then the last address of the chain that is not one of these.",
                form = Form.CIDR,
                example = "[10.0.0.0/8, \"fd00::/8\"]")
        List<Cidr> trustedProxies,

        @Key(
                value =
                        "Which field of a trusted proxy names the client. Only this one is believed, and the other is written anew: a proxy that keeps one up to date passes the other through as its client sent it.",
                absent = "x-forwarded-for")
        ClientFrom clientFrom,

        @Key(
                value =
                        "What this Fairlead calls itself in `Via` and `Proxy-Status`. Give instances that requests pass one after the other names of their own.",
                absent = "fairlead",
                form = Form.NAME,
                example = "edge-1")
        String via,

        @Key(
                value =
                        "How often a request may have passed a proxy of this name; one that has done so more often goes in circles and is answered 502. 8 is more than a chain of honest Fairleads has that all kept the default name.",
                absent = "8",
                min = "1",
                max = "100")
        int viaMax,

        @Key(
                value =
                        "Whether each request has an `X-Request-Id` for its endpoint and the access log: that of a trusted proxy, else one that is made. False: the field is passed on as it came.",
                absent = "true")
        boolean requestId,

        @Key(
                value =
                        "The W3C trace context. `pass`: passed on untouched. The others also make a `traceparent` where there is none or a malformed one, marked `sampled` (every service behind records the trace) or `unsampled`.",
                absent = "pass")
        TraceContext traceparent,

        @Key(
                value =
                        "Whether responses say in `Server-Timing` how long Fairlead and the endpoint took up to the response's head. Every client can read it.",
                absent = "false")
        boolean serverTiming) {
    /// Nobody is believed.
    public static final HeadersSpec DEFAULT =
            new HeadersSpec(List.of(), ClientFrom.X_FORWARDED_FOR, "fairlead", 8, true, TraceContext.PASS, false);

    public HeadersSpec {
        trustedProxies = List.copyOf(trustedProxies);
    }

    /// A field in which proxies tell who the client is.
    public enum ClientFrom {
        X_FORWARDED_FOR,
        FORWARDED
    }

    /// What is done for `traceparent`.
    public enum TraceContext {
        PASS,
        SAMPLED,
        UNSAMPLED
    }
}
