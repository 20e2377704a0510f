package dev.fairlead.config;

import java.net.InetSocketAddress;

/// A DNS name and a port, written `app.example:8080`: one endpoint for every address that the name has. The host is
/// in lower case and without a dot at its end, since DNS tells neither apart.
public record NamedAddress(String host, int port) implements EndpointAddress {
    public NamedAddress {
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException(host + ":" + port);
        }
    }

    @Override
    public InetSocketAddress socketAddress() {
        return InetSocketAddress.createUnresolved(host, port);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
