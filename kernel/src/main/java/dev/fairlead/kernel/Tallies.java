package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Layout;

/// What an endpoint has had, counted by each processor for itself.
record Tallies(Layout layout, Field flows, Field packetsIn, Field bytesIn, Field packetsOut, Field bytesOut) {
    static final Tallies TALLIES = of();

    private static Tallies of() {
        Layout layout = new Layout();
        return new Tallies(
                layout,
                layout.u64("flows"),
                layout.u64("packets in"),
                layout.u64("bytes in"),
                layout.u64("packets out"),
                layout.u64("bytes out"));
    }

    /// Those of one endpoint, of all processors together.
    Account.Count read(Counters.Reader tallies, int number) {
        return Account.Count.of(
                tallies.sum(number, flows),
                tallies.sum(number, packetsIn),
                tallies.sum(number, bytesIn),
                tallies.sum(number, packetsOut),
                tallies.sum(number, bytesOut));
    }
}
