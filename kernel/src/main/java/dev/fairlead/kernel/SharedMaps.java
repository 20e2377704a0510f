package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;
import dev.fairlead.kernel.bpf.MapSpec;
import java.util.List;

/// The maps that all flows share, whatever their version of IP.
record SharedMaps(
        MapSpec endpoints, Counters tallies, Counters losses, MapSpec tables, MapSpec turns, MapSpec sources) {
    /// Listeners at once, all versions of IP together.
    static final int SERVICES_MAX = 4096;

    /// Addresses and ports of listeners at once, of one version of IP.
    static final int PLACES_MAX = 16384;

    /// Endpoints at once, of all listeners.
    static final int ENDPOINTS_MAX = 131072;

    /// Source addresses at once, of all listeners.
    static final int SOURCES_MAX = 1024;

    static final int SLOT_BITS = 8;

    /// Slots that one element of a table holds: Linux takes a table element by element, so the fewer, the sooner.
    static final int SLOTS_PER_ROW = 1 << SLOT_BITS;

    /// A row of a table. The first slot of the first row is the number of slots, which begin with the second row.
    static final Layout ROW = row();

    /// How far the rounds of a service have come: its slots, and its source ports.
    static final Layout TURNS = new Layout();

    static final Field TURN = TURNS.u64("turn");
    static final Field PORT_TURN = TURNS.u64("port turn");

    /// As on the wire, the rest is 0.
    static final Layout SOURCE = new Layout();

    static final Field SOURCE_ADDRESS = SOURCE.bytes("address", 16);

    private static final Layout LOSSES = lossesByReason();

    /// When the next report of a packet that is too long would come, if they came evenly. On each processor, of each
    /// listener.
    static final Field NEXT_REPORT = LOSSES.u64("next report");

    /// The same of packets whose hops end here.
    static final Field NEXT_LAST_HOP = LOSSES.u64("next last hop");

    private static Layout row() {
        Layout layout = new Layout();
        layout.bytes("slots", 4 * SLOTS_PER_ROW);
        return layout;
    }

    private static Layout lossesByReason() {
        Layout layout = new Layout();
        for (Loss loss : Loss.values()) {
            layout.u64(loss.word());
        }
        return layout;
    }

    static SharedMaps of() {
        return new SharedMaps(
                MapSpec.array("fl_endpoints", EndpointEntry.ENTRY.layout(), ENDPOINTS_MAX),
                Counters.of("fl_tallies", Tallies.TALLIES.layout(), ENDPOINTS_MAX),
                Counters.of("fl_losses", LOSSES, SERVICES_MAX),
                MapSpec.arrays("fl_tables", tableOf(2), SERVICES_MAX),
                MapSpec.array("fl_turns", TURNS, SERVICES_MAX),
                MapSpec.array("fl_sources", SOURCE, SOURCES_MAX));
    }

    /// The map of a table with this many rows.
    static MapSpec tableOf(int rows) {
        return MapSpec.inner("fl_table", ROW, rows);
    }

    List<MapSpec> all() {
        return List.of(endpoints, tallies.map(), losses.map(), tables, turns, sources);
    }
}
