package dev.fairlead.server;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.Carrier;
import dev.fairlead.config.Config;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.KernelFit;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UdpListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.kernel.SlotForecast;
import dev.fairlead.kernel.nft.NftCarrier;
import dev.fairlead.l4.TcpPlane;
import dev.fairlead.upstream.FlowClient;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where flows go by a config that does not run: as with all its endpoints up and none of them busy; and what only the
/// running process would know.
final class ConfigForecast {
    private final Config config;
    private final Upstreams upstreams;

    ConfigForecast(Config config, Upstreams upstreams) {
        this.config = config;
        this.upstreams = upstreams;
    }

    /// Null when it is no listener of Layer 4.
    @Nullable
    Forecast of(ListenerSpec listener, InetSocketAddress client) {
        Forecast bySockets = switch (listener) {
            case TcpListenerSpec tcp -> TcpPlane.forecast(tcp, upstreams, client);
            case UdpListenerSpec udp -> bySockets(upstreams.get(udp.upstream()), client);
            case HttpListenerSpec _ -> null;
        };
        Upstream upstream = bySockets == null ? null : bySockets.upstream();
        if (bySockets == null || upstream == null) {
            return bySockets;
        }
        List<Carrier> carriers = carriers(listener);
        if (!isWhole(upstream.spec())) {
            String by = bySockets.how().replaceFirst(":.*", "");
            String words = carriers.stream().map(Carrier::word).collect(Collectors.joining(" or "));
            return new Forecast(
                    words, upstream, upstream.endpoints(), by + ": also among what DNS or a file would name");
        }
        return joined(carriers.stream()
                .map(each -> by(each, listener, upstream, client))
                .toList());
    }

    private static Forecast bySockets(Upstream upstream, InetSocketAddress client) {
        return new FlowClient(client).at(upstream, System.nanoTime());
    }

    /// What may carry it: where that is open, the machine decides.
    private List<Carrier> carriers(ListenerSpec listener) {
        return switch (KernelFit.carrier(listener)) {
            case null -> List.of();
            case KERNEL -> fitting(listener).toList();
            case AUTO ->
                Stream.concat(fitting(listener), Stream.of(Carrier.SOCKET)).toList();
            case SOCKET, EBPF, NFT -> List.of(KernelFit.carrier(listener));
        };
    }

    private Stream<Carrier> fitting(ListenerSpec listener) {
        return Stream.of(Carrier.EBPF, Carrier.NFT)
                .filter(each -> KernelFit.of(listener, each, config.upstreams()).isEmpty());
    }

    private static Forecast by(Carrier carrier, ListenerSpec listener, Upstream upstream, InetSocketAddress client) {
        boolean is4 = listener.addresses().getFirst().ip() instanceof Inet4Address;
        List<Share> shares = upstream.shares().stream()
                .filter(each -> each.endpoint().address().getAddress() instanceof Inet4Address == is4)
                .toList();
        return switch (carrier) {
            case EBPF -> SlotForecast.ofIdle(upstream, shares, client);
            case NFT -> NftCarrier.forecastOfIdle(upstream, shares, client);
            case SOCKET, KERNEL, AUTO -> bySockets(upstream, client);
        };
    }

    private static Forecast joined(List<Forecast> all) {
        if (all.size() == 1) {
            return all.getFirst();
        }
        String carriers = all.stream().map(Forecast::carrier).collect(Collectors.joining(" or "));
        String how = all.stream().map(ConfigForecast::text).collect(Collectors.joining("; "));
        return new Forecast(
                carriers,
                all.getFirst().upstream(),
                all.stream()
                        .flatMap(each -> each.candidates().stream())
                        .distinct()
                        .toList(),
                how);
    }

    private static String text(Forecast one) {
        String chosen = one.candidates().size() == 1
                ? " (" + one.candidates().getFirst().name() + ")"
                : "";
        return one.carrier() + ": " + one.how() + chosen;
    }

    private static boolean isWhole(UpstreamSpec upstream) {
        return upstream.discover() == null
                && upstream.endpoints().stream().noneMatch(each -> each.address() instanceof NamedAddress);
    }

    /// What the answer rests on that no file says.
    List<String> unknown(ListenerSpec listener, @Nullable Upstream upstream) {
        List<String> all = new ArrayList<>(ofClient(listener));
        if (upstream == null) {
            return all;
        }
        UpstreamSpec spec = upstream.spec();
        String state = state(spec.balancer(), carriers(listener).contains(Carrier.SOCKET));
        if (!state.isEmpty()) {
            all.add(state);
        }
        if (!isWhole(spec)) {
            all.add("which endpoints DNS or a file names");
        }
        if (spec.sticky() != null) {
            all.add("whom it remembers");
        }
        all.add("which endpoints are down or drain");
        return all;
    }

    private static List<String> ofClient(ListenerSpec listener) {
        List<String> all = new ArrayList<>();
        if (listener instanceof TcpListenerSpec tcp) {
            if (tcp.routes().stream().anyMatch(route -> route.match().needsHello())) {
                all.add("which name the client asks for");
            }
            if (tcp.routes().stream().anyMatch(route -> !route.split().isEmpty())) {
                all.add("which share of a route it falls into");
            }
        } else if (listener instanceof UdpListenerSpec udp && udp.quic() != null) {
            all.add("whose connection id it has");
        }
        return all;
    }

    private static String state(BalancerSpec balancer, boolean hasLoadBound) {
        return switch (balancer.algorithm()) {
            case ROUND_ROBIN -> "whose turn it is";
            case RANDOM -> "what chance says";
            case LEAST_LOAD, POWER_OF_TWO -> "how many flows each has";
            case LATENCY -> "how fast each answers";
            case FIRST -> "who is full";
            case MAGLEV, RING_HASH -> hasLoadBound && balancer.loadBound() > 0 ? "who has more than its share" : "";
        };
    }
}
