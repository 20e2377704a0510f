package dev.fairlead.kernel.nft;

import dev.fairlead.metrics.Histogram;
import dev.fairlead.upstream.FlowOrder;
import dev.fairlead.upstream.LiveFlow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks through conntrack about once a second, on a thread of its own, and hears of flows that end meanwhile. What
/// comes to its doors comes from the control thread.
final class Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long PAUSE_MILLIS = 1000;
    private static final long HEARING_MILLIS = 100;
    private static final long END_SECONDS = 5;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kernel-watch").factory());
    private final Table table;
    private final Conntrack conntrack;
    private final Histogram seconds;

    // the thread's own: flows that were cut, of whose end Linux will tell too
    private final Set<Integer> cut = new HashSet<>();
    private final ConntrackRoom room = new ConntrackRoom();

    // any thread
    private final Map<Door, Ledger> ledgers = new ConcurrentHashMap<>();

    Watch(Table table, Conntrack conntrack, Histogram seconds) {
        this.table = table;
        this.conntrack = conntrack;
        this.seconds = seconds;
        thread.scheduleWithFixedDelay(this::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        thread.scheduleWithFixedDelay(this::hear, HEARING_MILLIS, HEARING_MILLIS, TimeUnit.MILLISECONDS);
    }

    void add(Ledger ledger) {
        ledgers.put(ledger.door(), ledger);
    }

    /// Forgets a listener, and cuts its flows.
    void remove(Ledger ledger) {
        thread.execute(() -> {
            ledgers.remove(ledger.door());
            look();
            try {
                Set<Seat> seats = new HashSet<>(ledger.leave());
                seats.addAll(table.seats(ledger.door()));
                clear(Set.of(ledger.door()));
                table.forget(seats);
            } catch (IOException failed) {
                complain(failed);
            }
        });
    }

    /// Cuts what is left of listeners that nobody has.
    void removeFound(Set<Door> doors) {
        thread.execute(() -> {
            try {
                clear(doors);
                for (Door each : doors) {
                    table.forget(table.seats(each));
                }
            } catch (IOException failed) {
                complain(failed);
            }
        });
    }

    private void clear(Set<Door> doors) throws IOException {
        List<Tracked> theirs = new ArrayList<>();
        conntrack.each(flow -> {
            if (doors.contains(flow.seat().door())) {
                theirs.add(flow);
            }
        });
        for (Tracked each : theirs) {
            conntrack.delete(each);
        }
    }

    /// Forgets a listener, and leaves its flows as they are.
    void forget(Ledger ledger) {
        ledgers.remove(ledger.door());
    }

    void lookSoon() {
        thread.execute(this::look);
    }

    private void look() {
        long began = System.nanoTime();
        try {
            new Look(table, conntrack, ledgers, cut).run();
            room.look();
        } catch (IOException | RuntimeException failed) {
            complain(failed);
        }
        seconds.record(System.nanoTime() - began);
    }

    private void hear() {
        try {
            Look.hear(conntrack, ledgers, cut);
        } catch (IOException | RuntimeException failed) {
            complain(failed);
        }
    }

    /// The next look may go better, and must come.
    private static void complain(Exception failed) {
        LOG.atError().setCause(failed).log("conntrack could not be looked through");
    }

    /// The first `count` flows of a listener in this order.
    CompletableFuture<List<LiveFlow>> flows(Ledger ledger, FlowOrder order, int count) {
        return CompletableFuture.supplyAsync(
                () -> {
                    LiveFlows all = new LiveFlows(ledger);
                    try {
                        conntrack.each(all::add);
                    } catch (IOException failed) {
                        complain(failed);
                    }
                    return all.flows().stream()
                            .sorted(order.order())
                            .limit(count)
                            .toList();
                },
                thread);
    }

    /// Once what was begun is done. False when that takes too long: it still uses the table.
    boolean close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the last look through conntrack does not end");
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        conntrack.close();
        return true;
    }
}
