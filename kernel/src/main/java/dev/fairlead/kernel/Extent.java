package dev.fairlead.kernel;

import java.util.List;

/// What one program changes of a packet of a flow: addresses on these sides, and both ports or none.
record Extent(List<Side> addresses, boolean hasPorts) {
    static final Extent WHOLE = new Extent(List.of(Side.values()), true);

    static Extent of(Side side, boolean hasPorts) {
        return new Extent(List.of(side), hasPorts);
    }
}
