package dev.fairlead.config;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Layer 4 listener of datagrams: what comes from one client address and port is one flow, and goes to one
/// endpoint.
@Kind(
        key = "protocol",
        word = "udp",
        doc =
                "Layer 4, datagrams: what comes from one client address and port is a flow and goes to one endpoint. See docs/layer4.md.")
public record UdpListenerSpec(
        @Key(value = "The name of the listener.", isName = true)
        String name,

        @Key(
                key = "address",
                value =
                        "IP address and port to receive on, or ports in a row: `203.0.113.10:5000-5099`; `*` for every address. Several in a list.",
                example = "*:53",
                form = Form.LISTEN_RANGE,
                orOne = true,
                min = "1")
        List<AddressRange> addresses,

        @Key(
                value =
                        "The upstream that takes the flows. Without a `balancer` of its own it chooses by `maglev` and `source-address-and-port`, without a load bound: then a restart of Fairlead does not move a flow.",
                example = "resolvers",
                form = Form.NAME)
        String upstream,

        @Key(
                value =
                        "Flows at once; a new one above it takes the place of the one that has been silent longest, if that was for a second. Each has a socket of its own: 10000 fits the descriptors a service commonly has, and the 28232 ports that Linux gives to sockets by default.",
                absent = "10000",
                min = "1",
                max = "1000000")
        int maxFlows,

        @Key(
                value =
                        "Flows of one client address (of one /64 in IPv6) at once; datagrams that would begin more are dropped. 1000: no single client can have more than a tenth of the default `max-flows`. 0: no bound.",
                absent = "1000",
                min = "0",
                max = "1000000")
        int maxFlowsPerClient,

        @Key(
                value =
                        "A flow without a datagram in either direction for this long is over. 2m is what RFC 4787 asks of translators, and what clients' keep-alives are made for.",
                absent = "2m",
                min = "100ms",
                max = "1d")
        Duration idleTimeout,

        @Key(
                value =
                        "Datagrams of one flow from the client; the next one begins a new flow and may go to another endpoint. 0: no bound.",
                absent = "0",
                min = "0",
                max = "1000000000")
        int requests,

        @Key(
                value =
                        "Datagrams that the endpoint answers to each of the client's: once they are passed on, the flow is over. DNS has 1. 0: they are not counted.",
                absent = "0",
                min = "0",
                max = "1000000000")
        int responses,

        @Key(
                value =
                        "With `responses`: how long they may take; then the flow is over, and a fault of its endpoint. 5s is what DNS clients wait before they ask again.",
                absent = "5s",
                min = "10ms",
                max = "10m")
        Duration responseTimeout,

        @Key(
                value =
                        "Datagrams a second from the client of one flow, a second's worth at once; those above it are dropped. 0: no bound.",
                absent = "0",
                min = "0",
                max = "10000000")
        int maxRate,

        @Key(
                value =
                        "QUIC is passed through, and its connection ids are looked at: a connection stays with its endpoint when the client's address changes. Absent: address and port alone tell.",
                optional = true)
        @Nullable
        QuicSpec quic,

        @Key(
                value =
                        "What carries it. `socket`: this process, by two connections. `kernel`: Linux, by NAT, as one connection; it needs CAP_NET_ADMIN, and a network that fits: see docs/kernel.md. In which way, the log says: `ebpf`, where there is CAP_BPF too, else `nft`; both can be asked for by name. `auto`: Linux where it can, else this process; the log says which and why.",
                absent = "socket")
        Carrier carrier,

        @Key(
                value =
                        "Whose datagrams may begin a flow; those of others are dropped. How many, `max-flows-per-client` bounds. Absent: everybody's.",
                optional = true)
        @Nullable
        UdpClientsSpec clients,

        @Key(
                value =
                        "The addresses from which endpoints are spoken to, in turn; one that has no port left is passed over. Each has some 28000 ports on sockets, and in Linux (`carrier`) some 31000 towards one endpoint. Absent: the system chooses on sockets, and in Linux endpoints see the client's own address.",
                form = Form.IP,
                orOne = true,
                example = "[10.0.0.5, 10.0.0.6]")
        List<String> source)
        implements ListenerSpec {
    public UdpListenerSpec {
        addresses = List.copyOf(addresses);
        source = List.copyOf(source);
    }

    /// The addresses of `source`.
    public List<InetAddress> sources() {
        return AddressText.addresses(source);
    }

    @Override
    public int maxConnections() {
        return maxFlows;
    }
}
