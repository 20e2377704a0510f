package dev.fairlead.config;

import java.time.Duration;
import java.util.List;

/// How names of endpoints are resolved.
public record ResolverSpec(
        @Key(
                value =
                        "DNS servers, asked in this order until one answers. Empty: those of `/etc/resolv.conf`, read at the start and at a reload that changes the resolver.",
                form = Form.SERVER_ADDRESS,
                example = "[10.0.0.53:53]")
        List<Address> servers,

        @Key(
                value =
                        "How long one server may take to answer one query. 2s: longer than any healthy one needs, and the last answer serves meanwhile.",
                absent = "2s",
                min = "10ms",
                max = "30s")
        Duration timeout,

        @Key(
                value =
                        "An answer is used at least this long, however short its TTL. 1s: a TTL of 0 must not become a stream of queries.",
                absent = "1s",
                min = "100ms",
                max = "1h")
        Duration ttlMin,

        @Key(
                value =
                        "An answer is used at most this long, however long its TTL. 5m: a server that moved is not looked for a day at its old place.",
                absent = "5m",
                min = "100ms",
                max = "1d")
        Duration ttlMax,

        @Key(
                value =
                        "How soon a lookup that failed is tried again; until then the last answer is used. 2s: soon enough after an outage, and no burden in it.",
                absent = "2s",
                min = "100ms",
                max = "1h")
        Duration retry,

        @Key(
                value =
                        "Which addresses are asked for: `any` is IPv4 and IPv6. Where the network has only one, asking for it saves connections that must fail.",
                absent = "any")
        Family family,

        @Key(
                value =
                        "How long the endpoints of a name stay that DNS says does not exist, or has no address. A lookup that only fails keeps them however long it fails. 1h: a zone that was broken by mistake is mended by then, and a name that is gone for good does not send traffic to whoever has its address next. 0s: for ever.",
                absent = "1h",
                min = "0s",
                max = "30d")
        Duration keep) {
    public ResolverSpec {
        servers = List.copyOf(servers);
    }

    public enum Family {
        ANY,
        IPV4,
        IPV6
    }
}
