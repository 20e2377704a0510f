package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// A question to Linux's routing table and its answer: `struct bpf_fib_lookup` of linux/bpf.h. `length`: of the packet,
/// and
/// then the longest that fits.
record Route(
        Layout layout,
        Field family,
        Field length,
        Field outbound,
        Field source,
        Field destination,
        Field fromMac,
        Field toMac) {
    static final int SIZE = 64;

    /// The way is known, to the MAC address.
    static final int FOUND = 0;

    /// The interface is known, and the next host's MAC address is not yet.
    static final int NO_NEIGHBOUR = 7;

    /// A packet of the asked length does not fit; the answer says what does.
    static final int TOO_LONG = 8;

    /// A packet of this length fits every way: asked for one, Linux answers how long they may be (5.12).
    static final int SHORT = 1;

    /// One of this length fits hardly any.
    static final int LONG = 0xffff;

    static final Route ROUTE = of();

    private static Route of() {
        Layout layout = new Layout();
        Field family = layout.u8("family");
        layout.u8("protocol");
        layout.u16("source port");
        layout.u16("destination port");
        Field length = layout.u16("length");
        Field outbound = layout.u32("interface");
        layout.u32("type of service");
        Field source = layout.bytes("source", 16);
        Field destination = layout.bytes("destination", 16);
        layout.u32("virtual lan");
        Field fromMac = layout.bytes("from mac", 6);
        Field toMac = layout.bytes("to mac", 6);
        return new Route(layout, family, length, outbound, source, destination, fromMac, toMac);
    }
}
