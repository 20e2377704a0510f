package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;

/// One of the two ends of a packet, and where its address and port stand: in the packet, in the key of a flow, and in
/// the flow's entry.
enum Side {
    SOURCE,
    DESTINATION;

    Side other() {
        return this == SOURCE ? DESTINATION : SOURCE;
    }

    int address(Family family) {
        return this == SOURCE ? family.source() : family.destination();
    }

    int port(Family family) {
        return this == SOURCE ? family.transport() : family.transport() + 2;
    }

    Field address(FlowKey key) {
        return this == SOURCE ? key.source() : key.destination();
    }

    Field port(FlowKey key) {
        return this == SOURCE ? key.sourcePort() : key.destinationPort();
    }

    Field address(FlowEntry entry) {
        return this == SOURCE ? entry.source() : entry.destination();
    }

    Field port(FlowEntry entry) {
        return this == SOURCE ? entry.sourcePort() : entry.destinationPort();
    }
}
