package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// How new flows of one listener are begun. `id`: its place in the maps of tables and turns. `choice`: how a slot of
/// the table is found. `sources`: how many source addresses it has, from `firstSource` on; none keeps the client's.
record ServiceEntry(
        Layout layout, Field id, Field choice, Field sources, Field firstSource, Field firstPort, Field ports) {
    /// By the client's address: the same slot each time, here and on every node.
    static final int BY_ADDRESS = 0;

    /// By the client's address and port.
    static final int BY_ADDRESS_AND_PORT = 1;

    /// One slot after the other.
    static final int IN_TURN = 2;

    static final int BY_CHANCE = 3;

    static final ServiceEntry ENTRY = of();

    private static ServiceEntry of() {
        Layout layout = new Layout();
        return new ServiceEntry(
                layout,
                layout.u32("id"),
                layout.u32("choice"),
                layout.u32("sources"),
                layout.u32("first source"),
                layout.u32("first port"),
                layout.u32("ports"));
    }
}
