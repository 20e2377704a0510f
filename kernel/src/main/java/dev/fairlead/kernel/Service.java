package dev.fairlead.kernel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// What the program is told of a listener. `sources`: the addresses that endpoints see; none, and they see the
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

    /// Ports for source addresses.
    record PortRange(int first, int count) {}
}
