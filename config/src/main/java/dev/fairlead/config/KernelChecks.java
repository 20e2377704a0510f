package dev.fairlead.config;

import java.net.Inet4Address;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/// Whether what listeners share in Linux fits together: the keys of `kernel`, and the room that the program of `ebpf`
/// has for all of them. Problems are told by their path.
final class KernelChecks {
    private static final int LISTENERS_MAX = 4096;
    private static final int ENDPOINTS_MAX = 131072;
    private static final int SOURCES_MAX = 1024;
    private static final int PORTS_MAX = 16384;

    private final Config config;
    private final BiConsumer<String, String> error;

    KernelChecks(Config config, BiConsumer<String, String> error) {
        this.config = config;
        this.error = error;
    }

    void run() {
        KernelSpec kernel = config.kernel();
        if (kernel.routing() == KernelSpec.Routing.HOST && kernel.acceleration() != KernelSpec.Acceleration.NONE) {
            error.accept("/kernel/acceleration", "what a driver passes on is not routed by the host (`routing: host`)");
        }
        room();
    }

    /// Of listeners that ask for the program by name: where the way is left open, nftables may carry the others.
    private void room() {
        Room listeners = new Room(LISTENERS_MAX, "listeners");
        Room endpoints = new Room(ENDPOINTS_MAX, "endpoints of listeners");
        Room sources = new Room(SOURCES_MAX, "source addresses");
        Room ipv4 = new Room(PORTS_MAX, "ports of IPv4");
        Room ipv6 = new Room(PORTS_MAX, "ports of IPv6");
        for (ListenerSpec each : config.listeners().values()) {
            if (KernelFit.carrier(each) != Carrier.EBPF) {
                continue;
            }
            String path = path(each);
            listeners.take(1, path);
            boolean isIpv4 = each.addresses().stream().anyMatch(range -> range.ip() instanceof Inet4Address);
            int ports = each.addresses().stream().mapToInt(AddressRange::ports).sum();
            (isIpv4 ? ipv4 : ipv6).take(ports, path + "/address");
            switch (each) {
                case TcpListenerSpec tcp -> {
                    endpoints.take(endpoints(tcp.upstream()), path + "/upstream");
                    sources.take(tcp.flows().sources().size(), path + "/source");
                }
                case UdpListenerSpec udp -> {
                    endpoints.take(endpoints(udp.upstream()), path + "/upstream");
                    sources.take(udp.sources().size(), path + "/source");
                }
                case HttpListenerSpec _ -> {}
            }
        }
    }

    private int endpoints(@Nullable String upstream) {
        UpstreamSpec spec = upstream == null ? null : config.upstreams().get(upstream);
        return spec == null ? 0 : spec.endpoints().size();
    }

    private final class Room {
        private final int max;
        private final String what;
        private int taken;

        Room(int max, String what) {
            this.max = max;
            this.what = what;
        }

        /// Tells of the first that is too much.
        void take(int more, String path) {
            boolean hadRoom = taken <= max;
            taken += more;
            if (hadRoom && taken > max) {
                error.accept(
                        path,
                        "up to here these are " + taken + " " + what + ", and the program has room for " + max
                                + " (`carrier: ebpf`)");
            }
        }
    }

    /// Bounds that are asked for where nobody counts.
    static void remarks(Config config, Node root, BiConsumer<String, String> warning) {
        for (ListenerSpec each : config.listeners().values()) {
            Carrier carrier = KernelFit.carrier(each);
            if (carrier == null || !carrier.isLinux()) {
                continue;
            }
            List<String> bounds = each instanceof UdpListenerSpec
                    ? List.of("max-flows", "max-flows-per-client")
                    : List.of("max-connections");
            for (String key : bounds) {
                String path = path(each) + "/" + key;
                if (YamlText.isWritten(root, path)) {
                    warning.accept(
                            path,
                            "Linux does not count before it chooses, so `" + key + "` bounds nothing here (`carrier: "
                                    + carrier.word() + "`)");
                }
            }
        }
    }

    private static String path(ListenerSpec listener) {
        return "/listeners/" + YamlText.escaped(listener.name());
    }
}
