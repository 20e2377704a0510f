package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// The key of a flow's entry: whose packets it is for, as they come in. Ports and addresses stand as on the wire.
record FlowKey(
        Layout layout, Field source, Field destination, Field sourcePort, Field destinationPort, Field protocol) {
    static FlowKey of(Family family) {
        Layout layout = new Layout();
        return new FlowKey(
                layout,
                layout.bytes("source", family.addressBytes()),
                layout.bytes("destination", family.addressBytes()),
                layout.u16("source port"),
                layout.u16("destination port"),
                layout.u32("protocol"));
    }
}
