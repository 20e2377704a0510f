package dev.fairlead.acme;

import java.io.IOException;

/// A lock that is held for a time. A node that dies keeps nobody waiting for longer than that; one that lives says so
/// more often. Clocks of the nodes must agree to well within it.
interface Lease extends AutoCloseable {
    /// Holds it for its time from now on. False: it was too late, and another may hold it.
    boolean renew() throws IOException;

    @Override
    void close() throws IOException;
}
