package dev.fairlead.config;

import java.util.List;
import java.util.stream.Collectors;

/// A place where Fairlead accepts connections, and what it does with them.
public sealed interface ListenerSpec permits TcpListenerSpec, UdpListenerSpec, HttpListenerSpec {
    /// Addresses and ports of one listener on sockets: each costs a descriptor on every loop, and a service commonly
    /// has some tens of thousands.
    int SOCKETS_MAX = 1024;

    String name();

    /// Where it accepts: at least one, and no port twice.
    List<AddressRange> addresses();

    /// Of a udp listener: flows.
    int maxConnections();

    /// Each address and port.
    default List<Address> eachAddress() {
        return addresses().stream().flatMap(each -> each.each().stream()).toList();
    }

    /// Where it accepts, in words for people.
    default String place() {
        return addresses().stream().map(AddressRange::toString).collect(Collectors.joining(", "));
    }
}
