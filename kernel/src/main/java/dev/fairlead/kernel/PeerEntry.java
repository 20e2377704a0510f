package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// With whom a socket of this host exchanges datagrams, two entries for each: under the listener's address the
/// endpoint, and under the endpoint's the listener. Addresses and ports stand as on the wire.
///
/// `socket`: the number by which Linux knows it, and never another one. `isEndpoint`: whether the key has the
/// endpoint's address. `toAddress`, `toPort`: the other one's. `endpoint`: its number.
record PeerEntry(
        Layout key,
        Field socket,
        Field address,
        Field port,
        Field isEndpoint,
        Layout value,
        Field toAddress,
        Field toPort,
        Field endpoint) {
    /// Entries of one version of IP: Linux makes room for all of them at once. What was not used for longest is
    /// forgotten.
    static final int MAX = 32768;

    static PeerEntry of(Family family) {
        Layout key = new Layout();
        Layout value = new Layout();
        return new PeerEntry(
                key,
                key.u64("socket"),
                key.bytes("address", family.addressBytes()),
                key.u16("port"),
                key.u16("is endpoint"),
                value,
                value.bytes("to address", family.addressBytes()),
                value.u16("to port"),
                value.u32("endpoint"));
    }
}
