package dev.fairlead.kernel.nft;

import java.util.Set;

/// What the table has of one listener: its chains, which are named by the `lead` among its doors, and the doors from
/// which packets get there. `mark`: what tells whether the chains are as they should be.
record Placed(Door lead, Set<Door> doors, String mark) {
    Placed {
        doors = Set.copyOf(doors);
    }
}
