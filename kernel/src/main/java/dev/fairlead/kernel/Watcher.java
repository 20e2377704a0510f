package dev.fairlead.kernel;

import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Looks now and then at what Linux has of the flows of listeners, on a thread of its own. `B`: what it keeps of one
/// listener.
public interface Watcher<B extends Book> {
    /// Looks at this listener too from now on, as it is now.
    void add(B book);

    /// Looks at it no more, and leaves its flows as they are.
    void forget(B book);

    void lookSoon();

    /// Those flows of a listener that are asked for.
    CompletableFuture<List<LiveFlow>> flows(B book, FlowQuestion question);
}
