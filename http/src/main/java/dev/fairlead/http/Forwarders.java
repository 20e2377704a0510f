package dev.fairlead.http;

import dev.fairlead.http.forward.Forwarder;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import java.util.List;

/// The forwarder of each loop. All listeners send through the same, so that a connection which one of them leaves
/// idle serves the next exchange of any.
public final class Forwarders {
    private final Loops loops;
    private final List<Forwarder> perLoop;

    public Forwarders(Loops loops) {
        this.loops = loops;
        this.perLoop = loops.all().stream().map(Forwarder::new).toList();
    }

    Forwarder of(Loop loop) {
        return perLoop.get(loop.index());
    }

    /// Closes every idle connection: nothing is forwarded any more. Any thread.
    public void closeIdle() {
        for (Loop loop : loops.all()) {
            loop.eventLoop().execute(of(loop)::closeIdle);
        }
    }
}
