package dev.fairlead.l4;

import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.FlowOrder;
import dev.fairlead.upstream.LiveFlow;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// The greatest of many live flows, in the order that was asked for; the others are let go as they are seen. One
/// thread.
public final class Greatest {
    private final int count;
    // The least stands first, and gives way.
    private final PriorityQueue<LiveFlow> best;

    /// Shows all flows of a loop, on that loop.
    public interface Source {
        void show(Loop loop, Greatest to);
    }

    private Greatest(FlowOrder order, int count) {
        this.count = count;
        this.best = new PriorityQueue<>(order.order().reversed());
    }

    public void add(LiveFlow flow) {
        best.add(flow);
        if (best.size() > count) {
            best.poll();
        }
    }

    /// Asks every loop.
    public static CompletableFuture<List<LiveFlow>> of(Loops loops, FlowOrder order, int count, Source source) {
        var all = CompletableFuture.completedFuture(List.<LiveFlow>of());
        for (Loop loop : loops.all()) {
            var ofLoop = CompletableFuture.supplyAsync(
                    () -> {
                        var greatest = new Greatest(order, count);
                        source.show(loop, greatest);
                        return List.copyOf(greatest.best);
                    },
                    loop.eventLoop());
            all = all.thenCombine(
                    ofLoop,
                    (some, more) -> Stream.concat(some.stream(), more.stream())
                            .sorted(order.order())
                            .limit(count)
                            .toList());
        }
        return all;
    }
}
