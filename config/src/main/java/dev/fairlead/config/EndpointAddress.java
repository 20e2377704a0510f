package dev.fairlead.config;

/// Where an endpoint is, as the file says it: an IP address, or a name that DNS knows the addresses of.
public sealed interface EndpointAddress permits Address, NamedAddress {
    int port();
}
