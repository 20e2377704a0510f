package dev.fairlead.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// An IP address and a port, written `127.0.0.1:8080`, `[::1]:8080` or, on listeners, `*:8080` for every address.
/// Never a name: an `Address` needs no resolver. `*` is read as the wildcard `0.0.0.0`, which Java and Netty bind
/// for IPv6 too where the machine has it.
public record Address(InetAddress ip, int port) implements EndpointAddress {
    public Address {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("a port from 0 to 65535");
        }
    }

    /// Of a client, as an operator writes it: an IP address, or one with a port; without it the port is 0. Null when it
    /// is neither.
    public static @Nullable Address ofClient(String text) {
        return AddressText.parseClient(text);
    }

    /// Whether two listeners at these addresses would claim one port. Port 0 never does: the system picks a free
    /// one.
    public boolean clashesWith(Address other) {
        return port != 0
                && port == other.port
                && (ip.isAnyLocalAddress() || other.ip.isAnyLocalAddress() || ip.equals(other.ip));
    }

    /// Also with port 0, which on a listener lets the system choose.
    @Override
    public boolean keepsPort() {
        return false;
    }

    @Override
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(ip, port);
    }

    /// By hand, as [#hashCode]: of each endpoint of a file it is asked whether it is there twice, and what Java would
    /// make of this record it makes at the start of the process, in some milliseconds.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Address address && port == address.port && ip.equals(address.ip);
    }

    @Override
    public int hashCode() {
        return 31 * ip.hashCode() + port;
    }

    /// As the file writes it: `127.0.0.1:8080`, `[2001:db8::1]:8080`.
    @Override
    public String toString() {
        return AddressText.write(this);
    }
}
