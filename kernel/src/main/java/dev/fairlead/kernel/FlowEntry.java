package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// One direction of a flow: what its packets become, where they go, and what was seen of them. A flow has two, each the
/// other's twin. Times are nanoseconds of the kernel's monotonic clock.
///
/// `source` to `destinationPort`: as packets leave. `addressSum` and `portSum`: what that does to a checksum, reckoned
/// once. `proof`: what the client acknowledges of TCP when it has got the endpoint's SYN. `toMac`, `fromMac`,
/// `outbound` (an interface): the way, good until `routedUntil`; packets of up to `fits` bytes fit it, and 0 says that
/// nobody knows.
record FlowEntry(
        Layout layout,
        Field source,
        Field destination,
        Field sourcePort,
        Field destinationPort,
        Field addressSum,
        Field portSum,
        Field endpoint,
        Field service,
        Field flags,
        Field proof,
        Field outbound,
        Field toMac,
        Field fromMac,
        Field fits,
        Field routedUntil,
        Field seen,
        Field began,
        Field answeredAt,
        Field askedAt,
        Field respondedAt,
        Field packets,
        Field bytes) {
    /// It is the direction from the endpoint to the client.
    static final int FROM_ENDPOINT = 1;

    /// The client has sent its last byte.
    static final int CLIENT_DONE = 2;

    /// So has the endpoint.
    static final int ENDPOINT_DONE = 4;

    /// One of them has reset the connection.
    static final int RESET = 8;

    /// The endpoint has answered.
    static final int ANSWERED = 16;

    /// The first packet was no SYN: the flow began on another node, or before this entry.
    static final int ADOPTED = 32;

    /// The client has sent its SYN more than once, so nobody knows which one was answered.
    static final int REPEATED = 64;

    /// The client has sent bytes of the connection.
    static final int ASKED = 128;

    /// So has the endpoint.
    static final int RESPONDED = 256;

    /// The client gets what the endpoint sends: the flow is in the table of those that live.
    static final int PROVED = 512;

    /// A SYN on such an entry begins another flow.
    static final int CLOSING = CLIENT_DONE | ENDPOINT_DONE | RESET;

    static FlowEntry of(Family family) {
        Layout layout = new Layout();
        return new FlowEntry(
                layout,
                layout.bytes("source", family.addressBytes()),
                layout.bytes("destination", family.addressBytes()),
                layout.u16("source port"),
                layout.u16("destination port"),
                layout.u32("address sum"),
                layout.u32("port sum"),
                layout.u32("endpoint"),
                layout.u32("service"),
                layout.u32("flags"),
                layout.u32("proof"),
                layout.u32("outbound"),
                layout.bytes("to mac", 6),
                layout.bytes("from mac", 6),
                layout.u32("fits"),
                layout.u64("routed until"),
                layout.u64("seen"),
                layout.u64("began"),
                layout.u64("answered at"),
                layout.u64("asked at"),
                layout.u64("responded at"),
                layout.u64("packets"),
                layout.u64("bytes"));
    }
}
