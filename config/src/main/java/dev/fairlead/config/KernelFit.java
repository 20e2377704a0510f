package dev.fairlead.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What of a Layer 4 listener and its upstream Linux cannot do: it sees packets, never a connection's bytes, and
/// counts nothing before it chooses.
public final class KernelFit {
    /// Addresses and ports of one listener, of which the program has an entry each: half of its room.
    private static final int PORTS_MAX = 8192;

    /// Why it does not fit, and the path of the key that asks for it.
    public record Hindrance(String path, String reason) {}

    private final Map<String, UpstreamSpec> upstreams;
    private final List<Hindrance> found = new ArrayList<>();
    private final ListenerSpec listener;
    private final Carrier carrier;
    private final String path;
    private final boolean hasIpv4;
    private final boolean hasIpv6;

    private KernelFit(ListenerSpec listener, Carrier carrier, Map<String, UpstreamSpec> upstreams) {
        this.listener = listener;
        this.carrier = carrier;
        this.upstreams = upstreams;
        this.path = "/listeners/" + YamlText.escaped(listener.name());
        this.hasIpv4 = listener.addresses().stream().anyMatch(each -> each.ip() instanceof Inet4Address);
        this.hasIpv6 = listener.addresses().stream().anyMatch(each -> !(each.ip() instanceof Inet4Address));
    }

    /// None, and Linux can carry it: in this way, or in one of its ways where that is open.
    public static List<Hindrance> of(ListenerSpec listener, Carrier carrier, Map<String, UpstreamSpec> upstreams) {
        List<Hindrance> found = new KernelFit(listener, carrier, upstreams).all();
        boolean isOpen = carrier == Carrier.KERNEL || carrier == Carrier.AUTO;
        if (!isOpen || !found.isEmpty()) {
            return found;
        }
        List<Hindrance> ofEbpf = of(listener, Carrier.EBPF, upstreams);
        List<Hindrance> ofNft = of(listener, Carrier.NFT, upstreams);
        return ofEbpf.isEmpty() || ofNft.isEmpty()
                ? List.of()
                : Stream.concat(ofEbpf.stream(), ofNft.stream()).toList();
    }

    private List<Hindrance> all() {
        switch (listener) {
            case TcpListenerSpec tcp -> tcp(tcp);
            case UdpListenerSpec udp -> udp(udp);
            case HttpListenerSpec _ -> throw new IllegalArgumentException("of Layer 7: " + listener.name());
        }
        return List.copyOf(found);
    }

    private void tcp(TcpListenerSpec tcp) {
        addresses();
        refuse(!tcp.routes().isEmpty(), "/routes", "routes need a look at the connection, and Linux has none");
        refuse(tcp.proxyProtocol() != null, "/proxy-protocol", "Linux does not read the PROXY protocol");
        refuse(tcp.clients() != null, "/clients", "Linux knows no bounds for clients");
        FlowSpec flows = tcp.flows();
        refuse(flows.maxLifetime() != null, "/max-lifetime", "Linux ends flows by silence alone");
        refuse(flows.keepAlive() != null, "/keep-alive", "the connection is the endpoint's to keep alive");
        refuse(flows.userTimeout() != null, "/user-timeout", "the connection is the endpoint's to give up");
        sources(flows.sources());
        if (tcp.upstream() != null) {
            upstream(tcp.upstream());
        }
    }

    private void udp(UdpListenerSpec udp) {
        addresses();
        refuse(udp.requests() > 0, "/requests", "Linux does not count a flow's datagrams");
        refuse(udp.responses() > 0, "/responses", "Linux does not count a flow's datagrams");
        refuse(udp.maxRate() > 0, "/max-rate", "Linux knows no bounds for clients");
        refuse(udp.clients() != null, "/clients", "Linux knows no bounds for clients");
        refuse(udp.quic() != null, "/quic", "Linux does not read connection ids");
        sources(udp.sources());
        upstream(udp.upstream());
    }

    private void sources(List<InetAddress> sources) {
        boolean isStrange = sources.stream().anyMatch(each -> !isOfFamily(each));
        refuse(isStrange, "/source", "the source has another version of IP than the listener");
    }

    private void addresses() {
        refuse(
                listener.addresses().stream().anyMatch(each -> each.ip().isAnyLocalAddress() || each.firstPort() == 0),
                "/address",
                "Linux has to know one address and port, and here is none");
        boolean isMixed = listener.addresses().stream()
                        .map(each -> each.ip() instanceof Inet4Address)
                        .distinct()
                        .count()
                > 1;
        refuse(isMixed, "/address", "these are of both versions of IP: in Linux each needs a listener of its own");
        int ports = listener.addresses().stream().mapToInt(AddressRange::ports).sum();
        refuse(
                carrier == Carrier.EBPF && ports > PORTS_MAX,
                "/address",
                "these are " + ports + " ports, and the program has room for " + PORTS_MAX + " of one listener");
    }

    private void upstream(String name) {
        UpstreamSpec upstream = upstreams.get(name);
        if (upstream == null) {
            return;
        }
        String at = "/upstreams/" + YamlText.escaped(name);
        BalancerSpec.Algorithm algorithm = upstream.balancer().algorithm();
        boolean isKnown = switch (algorithm) {
            case MAGLEV, ROUND_ROBIN, RANDOM, LEAST_LOAD, LATENCY -> true;
            case POWER_OF_TWO, RING_HASH, FIRST -> false;
        };
        if (!isKnown) {
            add(at + "/balancer", "in Linux there are `maglev`, `round-robin`, `random`, `least-load` and `latency`");
        }
        if (algorithm == BalancerSpec.Algorithm.LATENCY && carrier == Carrier.NFT) {
            add(at + "/balancer", "nftables does not measure how long endpoints take");
        }
        if (upstream.sticky() != null) {
            add(at + "/sticky", "Linux remembers flows, not clients: use `balancer: maglev`");
        }
        if (upstream.proxyProtocol() != null) {
            add(at + "/proxy-protocol", "Linux adds nothing to a connection; endpoints see the client's own address");
        }
        for (int i = 0; i < upstream.endpoints().size(); i++) {
            endpoint(upstream.endpoints().get(i), at, i);
        }
    }

    private void endpoint(EndpointSpec endpoint, String upstream, int index) {
        if (endpoint.maxConnections() > 0) {
            add(at(upstream, index) + "/max-connections", "Linux does not count before it chooses");
        }
        if (endpoint.maxRequests() > 0) {
            add(at(upstream, index) + "/max-requests", "Linux does not count before it chooses");
        }
        InetAddress ip = endpoint.address().ip();
        if (ip != null && !isOfFamily(ip)) {
            add(at(upstream, index), "this endpoint has another version of IP than the listener");
        }
        if (ip != null && ip.isLoopbackAddress()) {
            add(
                    at(upstream, index),
                    "this endpoint is on this host alone: Linux leads nobody there who comes from outside");
        }
    }

    private boolean isOfFamily(InetAddress one) {
        return one instanceof Inet4Address ? hasIpv4 : hasIpv6;
    }

    private static String at(String upstream, int index) {
        return upstream + "/endpoints/" + index;
    }

    private void refuse(boolean isAsked, String key, String reason) {
        if (isAsked) {
            add(path + key, reason);
        }
    }

    private void add(String at, String reason) {
        found.add(new Hindrance(at, reason));
    }

    /// The carrier that a listener asks for; null for one of Layer 7.
    public static @Nullable Carrier carrier(ListenerSpec listener) {
        return switch (listener) {
            case TcpListenerSpec tcp -> tcp.carrier();
            case UdpListenerSpec udp -> udp.carrier();
            case HttpListenerSpec _ -> null;
        };
    }
}
