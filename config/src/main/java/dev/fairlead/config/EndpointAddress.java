package dev.fairlead.config;

import java.net.InetSocketAddress;

/// Where an endpoint is, as the file says it: an IP address, or a name that DNS knows the addresses of.
public sealed interface EndpointAddress permits Address, NamedAddress {
    int port();

    /// Where to connect to. Of a name, one that nothing can connect to: it has to be resolved before.
    InetSocketAddress socketAddress();
}
