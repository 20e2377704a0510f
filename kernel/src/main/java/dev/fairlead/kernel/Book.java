package dev.fairlead.kernel;

import dev.fairlead.upstream.Endpoint;
import org.jspecify.annotations.Nullable;

/// What is kept of the flows of one listener that Linux carries: how many there were at the last look, and which are to
/// be cut at the next.
public abstract class Book {
    private final Tally tally;
    private final EndedFlow.@Nullable Journal journal;

    // any thread
    private volatile Terms terms;
    private volatile int open;
    private volatile boolean isCounted = true;

    /// `journal`: where flows are recorded that are over; null, and nobody asks for that.
    protected Book(Terms terms, Tally tally, EndedFlow.@Nullable Journal journal) {
        this.terms = terms;
        this.tally = tally;
        this.journal = journal;
    }

    public final Terms terms() {
        return terms;
    }

    public final void terms(Terms changed) {
        terms = changed;
    }

    protected final Tally tally() {
        return tally;
    }

    protected final EndedFlow.@Nullable Journal journal() {
        return journal;
    }

    /// Flows that are not over. At least one until they have been looked at since [#recount].
    public final int open() {
        return isCounted ? open : Math.max(1, open);
    }

    public final void recount() {
        isCounted = false;
    }

    protected final void counted(int flows) {
        open = flows;
        isCounted = true;
    }

    /// The flows on an endpoint are to be cut.
    public abstract void cut(Endpoint endpoint);

    /// The flows are to be cut that could go on elsewhere, and whose endpoint may not keep them.
    public abstract void leaveBehind(boolean isPanicking);
}
