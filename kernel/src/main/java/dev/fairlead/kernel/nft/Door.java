package dev.fairlead.kernel.nft;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.EndpointAddress;
import dev.fairlead.kernel.Family;
import dev.fairlead.kernel.Terms;
import dev.fairlead.kernel.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/// One of the places where a listener is, a port or several in a row: what its part of the table is named by, in this
/// process and the next. Of a flow, the one address and port that its client speaks to.
record Door(Transport transport, AddressRange range) {
    static Set<Door> of(Transport transport, Collection<AddressRange> ranges) {
        Set<Door> all = new LinkedHashSet<>();
        ranges.forEach(each -> all.add(new Door(transport, each)));
        return all;
    }

    static Set<Door> of(Terms terms) {
        return of(terms.transport(), terms.spec().addresses());
    }

    /// From a name, as a pattern with the groups protocol, host and port or ports finds it.
    static Door of(String protocol, String host, String ports) {
        boolean isIpv4 = host.chars().filter(each -> each == '.').count() == 3;
        int dash = ports.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? ports : ports.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(ports.substring(dash + 1));
        return new Door(
                protocol.equals("tcp") ? Transport.TCP : Transport.UDP,
                new AddressRange(InetAddress.ofLiteral(isIpv4 ? host : host.replace('.', ':')), first, last));
    }

    Family family() {
        return Family.of(range.ip());
    }

    boolean isWide() {
        return range.ports() > 1;
    }

    boolean clashesWith(Door other) {
        return transport == other.transport && range.clashesWith(other.range);
    }

    /// `tcp` or `udp`.
    String protocol() {
        return switch (transport) {
            case TCP -> "tcp";
            case UDP -> "udp";
        };
    }

    /// As nftables may name things: `tcp_10.0.0.1_80`, `tcp_10.0.0.1_5000-5099`.
    String name() {
        return protocol() + "_" + host(range.ip()).replace(':', '.') + "_" + ports();
    }

    static String name(InetSocketAddress address) {
        return host(address.getAddress()).replace(':', '.') + "_" + address.getPort();
    }

    /// The port, or the first and the last.
    String ports() {
        return range.firstPort() + (isWide() ? "-" + range.lastPort() : "");
    }

    /// What the table's maps know it by.
    String key() {
        return protocol() + " . " + host(range.ip()) + " . " + ports();
    }

    /// An endpoint as `dnat` takes it from a map: without a port, the flow keeps its own.
    static String place(InetSocketAddress address) {
        String host = host(address.getAddress());
        return address.getPort() == EndpointAddress.ASKED_PORT ? host : host + " . " + address.getPort();
    }

    /// What ends the names of sets that are for its version of IP.
    String version() {
        return family() == Family.IPV4 ? "4" : "6";
    }

    /// What ends the names of maps that it is in: those of one port are found by a hash, at once.
    String maps() {
        return version() + (isWide() ? Skeleton.WIDE : "");
    }

    /// The address as text without a zone.
    static String host(InetAddress address) {
        return address.getHostAddress().replaceFirst("%.*", "");
    }
}
