package dev.fairlead.config;

import java.net.InetAddress;

/// A block of IP addresses: all that begin with the `length` first bits of `network` (RFC 4632 §3.1, RFC 4291
/// §2.3). Written `10.0.0.0/8` or `2001:db8::/32`; an address alone is a block of one.
public record Cidr(InetAddress network, int length) {
    public Cidr {
        byte[] bytes = network.getAddress();
        if (length < 0 || length > bytes.length * 8) {
            throw new IllegalArgumentException("a length from 0 to " + bytes.length * 8);
        }
        for (int bit = length; bit < bytes.length * 8; bit++) {
            if ((bytes[bit / 8] & 0x80 >> bit % 8) != 0) {
                throw new IllegalArgumentException("bits behind the first " + length);
            }
        }
    }

    /// As the file writes it: `10.0.0.0/8`, `2001:db8::/32`, always with the length.
    @Override
    public String toString() {
        return AddressText.write(network) + "/" + length;
    }
}
