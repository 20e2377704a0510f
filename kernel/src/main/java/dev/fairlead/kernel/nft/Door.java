package dev.fairlead.kernel.nft;

import dev.fairlead.config.Address;
import dev.fairlead.kernel.Family;
import dev.fairlead.kernel.Terms;
import dev.fairlead.kernel.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// Where a listener is: what its part of the table is named by, in this process and the next.
record Door(Transport transport, InetSocketAddress address) {
    static Door of(Terms terms) {
        return new Door(terms.transport(), terms.address());
    }

    Family family() {
        return Family.of(address.getAddress());
    }

    /// `tcp` or `udp`.
    String protocol() {
        return switch (transport) {
            case TCP -> "tcp";
            case UDP -> "udp";
        };
    }

    /// As nftables may name things: `tcp_10.0.0.1_80`.
    String name() {
        return protocol() + "_" + name(address);
    }

    /// From such a name, as a pattern with the groups protocol, host and port finds it.
    static Door of(String protocol, String host, String port) {
        return new Door(protocol.equals("tcp") ? Transport.TCP : Transport.UDP, address(host, port));
    }

    static String name(InetSocketAddress address) {
        return host(address).replace(':', '.') + "_" + address.getPort();
    }

    static InetSocketAddress address(String host, String port) {
        boolean isIpv4 = host.chars().filter(each -> each == '.').count() == 3;
        return new InetSocketAddress(
                InetAddress.ofLiteral(isIpv4 ? host : host.replace('.', ':')), Integer.parseInt(port));
    }

    /// What the table's maps know it by.
    String key() {
        return protocol() + " . " + place(address);
    }

    static String place(InetSocketAddress address) {
        return host(address) + " . " + address.getPort();
    }

    /// What ends the names of maps that are for its version of IP.
    String version() {
        return family() == Family.IPV4 ? "4" : "6";
    }

    /// The address as text without a zone.
    static String host(InetSocketAddress address) {
        return address.getAddress().getHostAddress().replaceFirst("%.*", "");
    }

    /// `10.0.0.1:80`, as operators write it.
    String text() {
        return new Address(address.getAddress(), address.getPort()).toString();
    }
}
