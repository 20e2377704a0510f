package dev.fairlead.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/// An IP address and a port, written `127.0.0.1:8080`, `[::1]:8080` or, on listeners, `*:8080` for every address.
/// Never a name: an `Address` needs no resolver.
public record Address(InetAddress ip, int port) {
    public Address {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("a port from 0 to 65535");
        }
    }

    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(ip, port);
    }

    @Override
    public String toString() {
        String host = ip.getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
