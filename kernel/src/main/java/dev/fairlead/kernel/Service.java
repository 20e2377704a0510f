package dev.fairlead.kernel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// What the program is told of a listener at one of its addresses. `sources`: the addresses that endpoints see; none,
/// and they see the
/// client's.
record Service(
        int id,
        InetSocketAddress address,
        Transport transport,
        int choice,
        List<InetAddress> sources,
        PortRange ports) {
    Service {
        sources = List.copyOf(sources);
    }

    /// The same at another of its addresses.
    Service at(InetSocketAddress other) {
        return new Service(id, other, transport, choice, sources, ports);
    }

    /// The same with slots found in another way.
    Service choosing(int other) {
        return new Service(id, address, transport, other, sources, ports);
    }

    /// Ports for source addresses.
    record PortRange(int first, int count) {}
}
