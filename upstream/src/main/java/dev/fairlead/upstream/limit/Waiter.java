package dev.fairlead.upstream.limit;

/// A flow or exchange that stands in a [WaitingQueue].
public interface Waiter {
    /// What came of a turn.
    enum Turn {
        /// It waits no longer: it has an endpoint, or has come to its end otherwise.
        OVER,
        /// There is no room: it stays where it stands, and so do those behind it.
        FULL,
        /// There is none for it in particular, since it has failed somewhere already: it stays, but those behind it
        /// may have a try.
        PASSED
    }

    /// Its turn has come, on the executor that it entered with: try again. Whatever it throws ends its wait.
    Turn onTurn();
}
