package dev.fairlead.config;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A Layer 4 listener: bytes are passed on as they come and never looked at, but for the first of a TLS connection
/// where a route asks for what they say.
@Kind(
        key = "protocol",
        word = "tcp",
        doc = "Layer 4: every connection goes to one endpoint, its content is never looked at.")
public record TcpListenerSpec(
        @Key(value = "The name of the listener.", isName = true)
        String name,

        @Key(
                key = "address",
                value =
                        "IP address and port to accept on, or ports in a row: `203.0.113.10:5000-5099`; `*` for every address. Several in a list.",
                example = "*:5432",
                form = Form.LISTEN_RANGE,
                orOne = true,
                min = "1")
        List<AddressRange> addresses,

        @Key(
                value =
                        "The upstream for connections that no route takes. Absent: they are closed. One without a `balancer` of its own chooses by `maglev` and `source-address-and-port`, without a load bound, where `carrier` is `kernel`, `ebpf` or `nft`: then a flow goes on that Linux has forgotten, or that another node gets.",
                example = "databases",
                optional = true,
                form = Form.NAME)
        @Nullable
        String upstream,

        @Key(
                value =
                        "Connections open at once. Those above it wait in the kernel's accept queue. 10000 fits the descriptors a service commonly has (two each).",
                absent = "10000",
                min = "1",
                max = "10000000")
        int maxConnections,

        @Key(
                value =
                        "A flow without a byte in either direction for this long is closed. 10m outlives the keep-alives of common clients.",
                absent = "10m",
                min = "100ms",
                max = "7d")
        Duration idleTimeout,

        @Key(value = "How its flows are held.", inline = true)
        FlowSpec flows,

        @Key(
                "What matches which connection. The most specific match wins, wherever it stands: an exact `sni` before a wildcard (the longest first) before none, then one with `alpn` before one without, then the smallest block of `client` before a larger before none; of equal ones the first.")
        List<TcpRouteSpec> routes,

        @Key("How the first bytes are waited for, where a route asks for `sni` or `alpn`.")
        ClientHelloSpec clientHello,

        @Key(value = "Another proxy in front tells who the client is. Absent: the connection does.", optional = true)
        @Nullable
        ProxyProtocolInSpec proxyProtocol,

        @Key(value = "Which clients may connect, and how much. Absent: all, as they like.", optional = true) @Nullable
        ClientsSpec clients,

        @Key(
                value =
                        "What carries it. `socket`: this process, by two connections. `kernel`: Linux, by NAT, as one connection; it needs CAP_NET_ADMIN, and a network that fits: see docs/kernel.md. In which way, the log says: `ebpf`, where there is CAP_BPF too, else `nft`; both can be asked for by name. `auto`: Linux where it can, else this process; the log says which and why.",
                absent = "socket")
        Carrier carrier)
        implements ListenerSpec {
    public TcpListenerSpec {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /// A listener on sockets.
    public TcpListenerSpec(
            String name,
            Address address,
            @Nullable String upstream,
            int maxConnections,
            Duration idleTimeout,
            FlowSpec flows,
            List<TcpRouteSpec> routes,
            ClientHelloSpec clientHello,
            @Nullable ProxyProtocolInSpec proxyProtocol,
            @Nullable ClientsSpec clients) {
        this(
                name,
                List.of(AddressRange.of(address)),
                upstream,
                maxConnections,
                idleTimeout,
                flows,
                routes,
                clientHello,
                proxyProtocol,
                clients,
                Carrier.SOCKET);
    }

    /// A listener for everybody with one upstream.
    public TcpListenerSpec(
            String name, Address address, String upstream, int maxConnections, Duration idleTimeout, FlowSpec flows) {
        this(
                name,
                address,
                upstream,
                maxConnections,
                idleTimeout,
                flows,
                List.of(),
                new ClientHelloSpec(Duration.ofSeconds(5), 1 << 16, ClientHelloSpec.NotTls.CLOSE),
                null,
                null);
    }

    /// As above, with the defaults of its flows.
    public TcpListenerSpec(String name, Address address, String upstream, int maxConnections, Duration idleTimeout) {
        this(name, address, upstream, maxConnections, idleTimeout, FlowSpec.DEFAULT);
    }

    /// The names of all upstreams it may lead to.
    public List<String> upstreams() {
        Stream<String> routed = routes.stream().flatMap(route -> route.upstreams().stream());
        return Stream.concat(routed, Stream.ofNullable(upstream)).distinct().toList();
    }
}
