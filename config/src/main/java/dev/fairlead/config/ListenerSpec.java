package dev.fairlead.config;

/// A place where Fairlead accepts connections, and what it does with them.
public sealed interface ListenerSpec permits TcpListenerSpec, HttpListenerSpec {
    String name();

    Address address();

    int maxConnections();
}
