package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// The key of a service: the address that a listener has.
record ServiceKey(Layout layout, Field address, Field port, Field protocol) {
    static ServiceKey of(Family family) {
        Layout layout = new Layout();
        return new ServiceKey(
                layout, layout.bytes("address", family.addressBytes()), layout.u16("port"), layout.u16("protocol"));
    }
}
