package dev.fairlead.l4.udp;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// A client's address as three numbers, by which a table finds what it has. IPv4 is what IPv6 calls ::ffff:0:0/96, and
/// the port also has the number of the interface where the address is only good there.
final class ClientAddress {
    private static final long MAPPED = 0xffff_0000_0000L;

    /// Above the port's 16 bits and the interface's 32.
    private static final int NUMBER_SHIFT = 48;

    private ClientAddress() {}

    static long high(InetAddress address) {
        return address instanceof Inet4Address
                ? 0
                : ByteBuffer.wrap(address.getAddress()).getLong();
    }

    static long low(InetAddress address) {
        // An IPv4 address is documented to be its own hash.
        return address instanceof Inet4Address four
                ? MAPPED | Integer.toUnsignedLong(four.hashCode())
                : ByteBuffer.wrap(address.getAddress()).getLong(Long.BYTES);
    }

    static long port(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address six
                ? port(address.getPort(), six.getScopeId())
                : address.getPort();
    }

    static long port(int port, int scope) {
        return port | (long) scope << 16;
    }

    /// Told apart by the number of the lane's sockets too: one client may ask several addresses from one port.
    static long by(int number, long port) {
        return port | (long) number << NUMBER_SHIFT;
    }

    static int number(long port) {
        return (int) (port >>> NUMBER_SHIFT);
    }

    static int scope(long port) {
        return (int) (port >> 16);
    }

    static InetSocketAddress of(long high, long low, long port) {
        byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        try {
            int scope = scope(port);
            InetAddress address = scope == 0
                    // One of IPv4 comes out as such.
                    ? InetAddress.getByAddress(bytes)
                    : Inet6Address.getByAddress(null, bytes, scope);
            return new InetSocketAddress(address, (int) (port & 0xffff));
        } catch (UnknownHostException impossible) {
            throw new AssertionError("16 bytes", impossible);
        }
    }
}
