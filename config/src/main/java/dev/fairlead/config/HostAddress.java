package dev.fairlead.config;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// An IP address alone, written `10.0.0.1:*`: a flow that is led there keeps the port that its client asked for.
public record HostAddress(InetAddress ip) implements EndpointAddress {
    @Override
    public int port() {
        return ASKED_PORT;
    }

    @Override
    public boolean keepsPort() {
        return true;
    }

    @Override
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(ip, ASKED_PORT);
    }

    @Override
    public String place(int askedPort) {
        return new Address(ip, askedPort).toString();
    }

    @Override
    public String toString() {
        String text = AddressText.write(ip);
        return (ip instanceof Inet6Address ? "[" + text + "]" : text) + ":*";
    }
}
