package dev.fairlead.http;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.forward.Forwarder;
import dev.fairlead.http.forward.Originations;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import java.util.List;

/// The forwarder of each loop. All listeners send through the same, so that a connection which one of them leaves
/// idle serves the next exchange of any.
public final class Forwarders {
    private final Loops loops;
    private final List<Forwarder> perLoop;
    private final Originations originations;

    public Forwarders(Loops loops) {
        this.loops = loops;
        this.originations = new Originations(loops);
        this.perLoop = loops.all().stream()
                .map(loop -> new Forwarder(loop, originations))
                .toList();
    }

    Forwarder of(Loop loop) {
        return perLoop.get(loop.index());
    }

    /// Reads what it needs to speak TLS to the upstream's endpoints, if it is to. Before they follow the spec; control
    /// thread.
    public void prepare(UpstreamSpec upstream) {
        originations.follow(upstream);
    }

    /// Reads certificates again, which are renewed under the same name. Control thread.
    public void readFiles() {
        originations.readFiles();
    }

    /// The upstream is gone. Control thread.
    public void forget(String upstream) {
        originations.forget(upstream);
    }

    /// Closes every idle connection: nothing is forwarded any more. Control thread.
    public void closeIdle() {
        originations.close();
        for (Loop loop : loops.all()) {
            loop.eventLoop().execute(of(loop)::closeIdle);
        }
    }
}
