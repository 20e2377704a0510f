package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// Where an endpoint is, as on the wire, and whether it may be given new flows. `port`: 0 where flows keep the one that
/// they asked for. `service`: whose it is, counted from 1; 0 when the place is free.
record EndpointEntry(Layout layout, Field address, Field port, Field usable, Field service) {
    static final EndpointEntry ENTRY = of();

    private static EndpointEntry of() {
        Layout layout = new Layout();
        return new EndpointEntry(
                layout, layout.bytes("address", 16), layout.u16("port"), layout.u16("usable"), layout.u32("service"));
    }
}
