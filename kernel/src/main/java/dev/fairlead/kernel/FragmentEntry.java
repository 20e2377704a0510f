package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// What is remembered of the first fragment of a datagram of IPv4: its ports, for those that come after it. Everything
/// as on the wire.
final class FragmentEntry {
    static final Layout KEY = new Layout();
    static final Field SOURCE = KEY.bytes("source", 4);
    static final Field DESTINATION = KEY.bytes("destination", 4);
    static final Field IDENTIFICATION = KEY.u32("identification");
    static final Field PROTOCOL = KEY.u32("protocol");

    static final Layout VALUE = new Layout();
    static final Field PORTS = VALUE.bytes("ports", 4);

    /// Datagrams that may be on their way at once.
    static final int MAX = 8192;

    private FragmentEntry() {}
}
