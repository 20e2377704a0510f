package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Layer 7 listener: HTTP is understood, routed and forwarded over pooled connections.
@Kind(
        key = "protocol",
        word = "http",
        doc = "Layer 7: requests are routed on what they say and forwarded over pooled connections.")
public record HttpListenerSpec(
        @Key(value = "The name of the listener.", isName = true)
        String name,

        @Key(
                key = "address",
                value =
                        "IP address and port to accept on, or ports in a row: `203.0.113.10:5000-5099`; `*` for every address. Several in a list.",
                example = "*:8080",
                form = Form.LISTEN_RANGE,
                orOne = true,
                min = "1")
        List<AddressRange> addresses,

        @Key(
                value = "The upstream for requests that no route takes. Absent: they get a 404.",
                optional = true,
                form = Form.NAME,
                example = "app")
        @Nullable
        String upstream,

        @Key(
                "What matches which request. The most specific match wins, wherever it stands: by host first, then by path, then by what the client accepts and by the number of other conditions; of equal ones the first. [routing.md](routing.md) has the whole order.")
        List<RouteSpec> routes,

        @Key(
                value =
                        "Connections open at once. Those above it wait in the kernel's accept queue. 10000 fits the descriptors a service commonly has.",
                absent = "10000",
                min = "1",
                max = "10000000")
        int maxConnections,

        @Key("Bounds on what a client may send.") HttpLimits limits,
        @Key("How long a client may take.") HttpTimeouts timeouts,

        @Key(
                value =
                        "Protocols that a client may upgrade its connection to when the endpoint agrees; the connection is a tunnel from then on. Other upgrades are not passed on, and the request is answered as if none had been asked for. WebSocket is on because a page that uses it works nowhere without it; `[]` allows none.",
                absent = "websocket",
                form = Form.PROTOCOL,
                orOne = true,
                example = "[websocket, ocpp]")
        List<String> upgrades,

        @Key(value = "Which fields are believed and added.", inline = true)
        HeadersSpec headers,

        @Key(value = "Another proxy in front tells who the client is. Absent: the connection does.", optional = true)
        @Nullable
        ProxyProtocolInSpec proxyProtocol,

        @Key(value = "Which clients may connect, and how much. Absent: all, as they like.", optional = true) @Nullable
        ClientsSpec clients,

        @Key(
                "Changes the header of what goes to endpoints, whatever the route. The route's own rules come after these, so that they have the last word.")
        HeaderRulesSpec requestHeaders,

        @Key(
                "Changes the header of every final response, those to refused requests included. The route's own rules come after these.")
        HeaderRulesSpec responseHeaders,

        @Key(
                "What clients are shown for some statuses, where the route does not say otherwise: for what Fairlead answers by itself, and with `intercept` for what endpoints do.")
        List<ErrorPageSpec> errorPages,

        @Key(value = "How TLS is spoken to clients. Absent: HTTP is spoken in the clear.", optional = true) @Nullable
        TlsSpec tls,

        @Key(
                value =
                        "Keeps answers and uses them again, for routes that do not say. Absent: nothing is kept. [cache.md](cache.md) says what is kept and when.",
                optional = true)
        @Nullable
        CacheSpec cache,

        @Key(
                value =
                        "Compresses answers for clients that take it, for routes that do not say. Absent: none is compressed. [compression.md](compression.md) says which and how.",
                optional = true)
        @Nullable
        CompressSpec compress,

        @Key("HTTP/2, beside HTTP/1.") Http2Spec http2,

        @Key(
                value =
                        "HTTP/3, on the UDP port of the same number, beside the others; it needs `tls`. Absent: it is not spoken. [http3.md](http3.md) says how.",
                optional = true)
        @Nullable
        Http3Spec http3)
        implements ListenerSpec {
    public HttpListenerSpec {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        upgrades = List.copyOf(upgrades);
        errorPages = List.copyOf(errorPages);
    }

    /// One that allows no upgrade, believes nobody and adds what is added by default.
    public HttpListenerSpec(
            String name,
            Address address,
            @Nullable String upstream,
            List<RouteSpec> routes,
            int maxConnections,
            HttpLimits limits,
            HttpTimeouts timeouts) {
        this(name, address, upstream, routes, maxConnections, limits, timeouts, List.of(), HeadersSpec.DEFAULT);
    }

    /// A listener for everybody.
    public HttpListenerSpec(
            String name,
            Address address,
            @Nullable String upstream,
            List<RouteSpec> routes,
            int maxConnections,
            HttpLimits limits,
            HttpTimeouts timeouts,
            List<String> upgrades,
            HeadersSpec headers) {
        this(
                name,
                List.of(AddressRange.of(address)),
                upstream,
                routes,
                maxConnections,
                limits,
                timeouts,
                upgrades,
                headers,
                null,
                null,
                HeaderRulesSpec.NONE,
                HeaderRulesSpec.NONE,
                List.of(),
                null,
                null,
                null,
                Http2Spec.DEFAULT,
                null);
    }

    /// The same, with this TLS towards clients.
    public HttpListenerSpec with(@Nullable TlsSpec secured) {
        return with(secured, http2, http3);
    }

    /// The same, with this HTTP/2.
    public HttpListenerSpec with(Http2Spec spoken) {
        return with(tls, spoken, http3);
    }

    /// The same, with this HTTP/3.
    public HttpListenerSpec with(@Nullable Http3Spec spoken) {
        return with(tls, http2, spoken);
    }

    private HttpListenerSpec with(@Nullable TlsSpec tls, Http2Spec http2, @Nullable Http3Spec http3) {
        return new HttpListenerSpec(
                name,
                addresses,
                upstream,
                routes,
                maxConnections,
                limits,
                timeouts,
                upgrades,
                headers,
                proxyProtocol,
                clients,
                requestHeaders,
                responseHeaders,
                errorPages,
                tls,
                cache,
                compress,
                http2,
                http3);
    }
}
