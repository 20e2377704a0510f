package dev.fairlead.config;

/// A place where Fairlead accepts connections, and what it does with them.
public sealed interface ListenerSpec permits TcpListenerSpec, UdpListenerSpec, HttpListenerSpec {
    String name();

    Address address();

    /// Of a udp listener: flows.
    int maxConnections();
}
