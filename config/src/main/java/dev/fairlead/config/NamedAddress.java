package dev.fairlead.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A DNS name and a port, written `app.example:8080` or `app.example:*`: one endpoint for every address that the name
/// has. The host is in lower case and without a dot at its end, since DNS tells neither apart.
public record NamedAddress(String host, int port) implements EndpointAddress {
    public NamedAddress {
        if (host.isEmpty() || port < ASKED_PORT || port > 65535) {
            throw new IllegalArgumentException(host + ":" + port);
        }
    }

    /// The endpoint at an address of the name.
    public EndpointAddress at(InetAddress ip) {
        return keepsPort() ? new HostAddress(ip) : new Address(ip, port);
    }

    @Override
    public @Nullable InetAddress ip() {
        return null;
    }

    @Override
    public boolean keepsPort() {
        return port == ASKED_PORT;
    }

    @Override
    public InetSocketAddress socketAddress() {
        return InetSocketAddress.createUnresolved(host, port);
    }

    @Override
    public String toString() {
        return host + ":" + (keepsPort() ? "*" : port);
    }
}
