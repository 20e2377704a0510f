package dev.fairlead.kernel;

import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UdpListenerSpec;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;

/// What a listener asks of Linux, whatever its protocol.
public record Terms(ListenerSpec spec, Transport transport, String upstream, List<InetAddress> sources, Ageing ageing) {
    public static Terms of(ListenerSpec spec) {
        return switch (spec) {
            case TcpListenerSpec tcp ->
                new Terms(
                        tcp,
                        Transport.TCP,
                        Objects.requireNonNull(tcp.upstream(), "a listener without routes has an upstream"),
                        tcp.flows().sources(),
                        new Ageing(
                                tcp.idleTimeout().toNanos(),
                                tcp.flows().finTimeout().toNanos()));
            case UdpListenerSpec udp ->
                new Terms(
                        udp,
                        Transport.UDP,
                        udp.upstream(),
                        udp.sources(),
                        new Ageing(
                                udp.idleTimeout().toNanos(), udp.idleTimeout().toNanos()));
            case HttpListenerSpec http -> throw new IllegalArgumentException("of Layer 7: " + http.name());
        };
    }

    public Terms ofDrain() {
        return new Terms(spec, transport, upstream, sources, ageing.ofDrain(transport));
    }

    /// The version of IP that all its addresses have.
    public Family family() {
        return Family.of(spec.addresses().getFirst().ip());
    }
}
