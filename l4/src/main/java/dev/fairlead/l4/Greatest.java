package dev.fairlead.l4;

import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// The greatest of many live flows, in the order that was asked for; the others are let go as they are seen. One
/// thread.
public final class Greatest {
    private final FlowQuestion question;
    // The least stands first, and gives way.
    private final PriorityQueue<LiveFlow> best;

    /// Shows the flows of a loop that concern it, on that loop.
    public interface Source {
        void show(Loop loop, Greatest to);
    }

    private Greatest(FlowQuestion question) {
        this.question = question;
        this.best = new PriorityQueue<>(question.order().order().reversed());
    }

    /// Whether a flow of this client is to be added.
    public boolean concerns(InetSocketAddress client) {
        return question.concerns(client);
    }

    public void add(LiveFlow flow) {
        best.add(flow);
        if (best.size() > question.count()) {
            best.poll();
        }
    }

    /// Asks every loop.
    public static CompletableFuture<List<LiveFlow>> of(Loops loops, FlowQuestion question, Source source) {
        var all = CompletableFuture.completedFuture(List.<LiveFlow>of());
        for (Loop loop : loops.all()) {
            var ofLoop = CompletableFuture.supplyAsync(
                    () -> {
                        var greatest = new Greatest(question);
                        source.show(loop, greatest);
                        return List.copyOf(greatest.best);
                    },
                    loop.eventLoop());
            all = all.thenCombine(ofLoop, (some, more) -> question.first(Stream.concat(some.stream(), more.stream())));
        }
        return all;
    }
}
