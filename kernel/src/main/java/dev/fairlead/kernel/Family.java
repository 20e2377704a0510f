package dev.fairlead.kernel;

import java.net.Inet4Address;
import java.net.InetAddress;

/// A version of IP, and where its headers have what NAT needs; offsets count from the Ethernet header.
public enum Family {
    /// RFC 791 §3.1. Headers with options are not ours.
    IPV4(4, 0x0800, 2, 26, 30, 23, 22, 34, 1),
    /// RFC 8200 §3. Packets with extension headers are not ours.
    IPV6(16, 0x86dd, 10, 22, 38, 20, 21, 54, 58);

    /// The length of the Ethernet header.
    static final int ETHERNET = 14;

    private final int addressBytes;
    private final int etherType;
    private final int number;
    private final int source;
    private final int destination;
    private final int protocol;
    private final int hops;
    private final int transport;
    private final int icmp;

    Family(
            int addressBytes,
            int etherType,
            int number,
            int source,
            int destination,
            int protocol,
            int hops,
            int transport,
            int icmp) {
        this.addressBytes = addressBytes;
        this.etherType = etherType;
        this.number = number;
        this.source = source;
        this.destination = destination;
        this.protocol = protocol;
        this.hops = hops;
        this.transport = transport;
        this.icmp = icmp;
    }

    public static Family of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    int addressBytes() {
        return addressBytes;
    }

    int etherType() {
        return etherType;
    }

    /// AF_INET or AF_INET6.
    public int number() {
        return number;
    }

    int source() {
        return source;
    }

    int destination() {
        return destination;
    }

    /// Where the next protocol stands.
    int protocol() {
        return protocol;
    }

    /// Where the time to live, or hop limit, stands.
    int hops() {
        return hops;
    }

    /// The number of its ICMP: RFC 792, RFC 4443.
    int icmp() {
        return icmp;
    }

    /// Where the TCP or UDP header begins.
    int transport() {
        return transport;
    }
}
