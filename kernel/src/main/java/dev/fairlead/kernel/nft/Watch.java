package dev.fairlead.kernel.nft;

import dev.fairlead.kernel.Soon;
import dev.fairlead.kernel.Watcher;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks through conntrack about once a second, on a thread of its own, and hears of flows that end meanwhile. What
/// comes to its doors comes from the control thread.
final class Watch implements Watcher<Ledger> {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long PAUSE_MILLIS = 1000;
    private static final long HEARING_MILLIS = 100;
    private static final long END_SECONDS = 5;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kernel-watch").factory());
    private final Table table;
    private final Conntrack conntrack;
    private final Histogram seconds;
    private final Counter mended;

    // the thread's own: flows that were cut, of whose end Linux will tell too
    private final Set<Integer> cut = new HashSet<>();
    private final ConntrackRoom room = new ConntrackRoom();

    // any thread
    private final Ledgers ledgers = new Ledgers();
    private final Soon look = new Soon(thread, this::look);

    Watch(Table table, Conntrack conntrack, Metrics metrics) {
        this.table = table;
        this.conntrack = conntrack;
        this.seconds = metrics.histogram(Metric.KERNEL_SWEEP_SECONDS);
        this.mended = metrics.counter(Metric.KERNEL_TABLES_MENDED);
        thread.scheduleWithFixedDelay(this::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        thread.scheduleWithFixedDelay(this::hear, HEARING_MILLIS, HEARING_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void add(Ledger ledger) {
        ledgers.put(ledger, ledger.current());
    }

    /// Forgets a listener, and cuts its flows.
    void remove(Ledger ledger) {
        thread.execute(() -> {
            look();
            Set<Door> doors = ledger.doors();
            try {
                clear(flow -> {
                    Ledgers.Place place = ledgers.of(flow);
                    return place != null && place.ledger() == ledger;
                });
                ledgers.remove(ledger);
                Set<Seat> seats = new HashSet<>(ledger.leave());
                doors.forEach(each -> seats.addAll(table.seats(each)));
                table.forget(seats);
            } catch (IOException failed) {
                ledgers.remove(ledger);
                complain(failed);
            }
        });
    }

    /// Cuts what is left of listeners that nobody has.
    void removeFound(Set<Door> doors) {
        thread.execute(() -> {
            try {
                clear(flow -> doors.stream()
                                .anyMatch(each -> each.clashesWith(flow.seat().door()))
                        && ledgers.of(flow) == null);
                for (Door each : doors) {
                    table.forget(table.seats(each));
                }
            } catch (IOException failed) {
                complain(failed);
            }
        });
    }

    private void clear(Predicate<Tracked> isOfThem) throws IOException {
        List<Tracked> theirs = new ArrayList<>();
        conntrack.each(flow -> {
            if (isOfThem.test(flow)) {
                theirs.add(flow);
            }
        });
        for (Tracked each : theirs) {
            conntrack.delete(each);
        }
    }

    @Override
    public void forget(Ledger ledger) {
        ledgers.remove(ledger);
    }

    @Override
    public void lookSoon() {
        look.ask();
    }

    private void look() {
        long began = System.nanoTime();
        try {
            mend();
            new Look(table, conntrack, ledgers, cut).run();
            room.look();
        } catch (IOException | RuntimeException failed) {
            complain(failed);
        }
        seconds.record(System.nanoTime() - began);
    }

    private void mend() throws IOException {
        if (table.mend()) {
            ledgers.all().forEach(Ledger::countersBeginAnew);
            mended.increment();
            LOG.warn("somebody had taken our table out of nftables, or a part of it: it is there again");
        }
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

    @Override
    public CompletableFuture<List<LiveFlow>> flows(Ledger ledger, FlowQuestion question) {
        return CompletableFuture.supplyAsync(
                () -> {
                    LiveFlows all = new LiveFlows(ledger, ledgers, question);
                    try {
                        conntrack.each(all::add);
                    } catch (IOException failed) {
                        complain(failed);
                    }
                    return question.first(all.flows().stream());
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
