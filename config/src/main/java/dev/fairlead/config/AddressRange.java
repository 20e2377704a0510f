package dev.fairlead.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// An IP address and a port of it, or several in a row: what a listener accepts on. Written as an [Address], or
/// `203.0.113.10:5000-5099`.
public record AddressRange(InetAddress ip, int firstPort, int lastPort) {
    public AddressRange {
        if (firstPort < 0 || lastPort < firstPort || lastPort > 65535) {
            throw new IllegalArgumentException("ports from 0 to 65535, in their order");
        }
    }

    public static AddressRange of(Address address) {
        return new AddressRange(address.ip(), address.port(), address.port());
    }

    public static AddressRange of(InetSocketAddress address) {
        return new AddressRange(address.getAddress(), address.getPort(), address.getPort());
    }

    /// These as few ranges, in order.
    public static List<AddressRange> joined(Collection<Address> all) {
        List<AddressRange> ranges = new ArrayList<>();
        List<Address> ordered = all.stream()
                .sorted(Comparator.comparing((Address each) -> AddressText.write(each.ip()))
                        .thenComparingInt(Address::port))
                .toList();
        for (Address each : ordered) {
            AddressRange last = ranges.isEmpty() ? null : ranges.getLast();
            if (last != null && last.ip.equals(each.ip()) && last.lastPort + 1 == each.port()) {
                ranges.set(ranges.size() - 1, new AddressRange(last.ip, last.firstPort, each.port()));
            } else {
                ranges.add(of(each));
            }
        }
        return List.copyOf(ranges);
    }

    public int ports() {
        return lastPort - firstPort + 1;
    }

    public Address first() {
        return new Address(ip, firstPort);
    }

    /// Each port of it.
    public List<Address> each() {
        return IntStream.rangeClosed(firstPort, lastPort)
                .mapToObj(port -> new Address(ip, port))
                .toList();
    }

    public boolean hasPort(int port) {
        return firstPort <= port && port <= lastPort;
    }

    /// Whether listeners at both would claim one port. Port 0 never does: the system picks a free one.
    public boolean clashesWith(AddressRange other) {
        return firstPort != 0
                && other.firstPort <= lastPort
                && firstPort <= other.lastPort
                && (ip.isAnyLocalAddress() || other.ip.isAnyLocalAddress() || ip.equals(other.ip));
    }

    /// The port, or the first and the last.
    public String portText() {
        return firstPort == lastPort ? "" + firstPort : firstPort + "-" + lastPort;
    }

    /// As the file writes it.
    @Override
    public String toString() {
        return first() + (firstPort == lastPort ? "" : "-" + lastPort);
    }
}
