package dev.fairlead.kernel;

import dev.fairlead.metrics.Histogram;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks through the kernel's table about once a second, on a thread of its own: counts flows, and removes those that
/// are over. What comes to its public doors comes from the control thread.
final class Sweeper implements Watcher<Roll>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    private static final long PAUSE_MILLIS = 1000;
    private static final long END_SECONDS = 5;
    private static final int ANNOUNCEMENTS = 3;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kernel-sweep").factory());
    private final Histogram seconds;

    // the thread's own
    private final Map<Engine, Scratch> scratches = new HashMap<>();
    private long seenUntilNanos = System.nanoTime();

    // any thread
    private final Map<Integer, Roll> rolls = new ConcurrentHashMap<>();
    private final Queue<Leaving> leaving = new ConcurrentLinkedQueue<>();
    private final Queue<FlowsAsked> asked = new ConcurrentLinkedQueue<>();
    private final Soon look = new Soon(thread, this::sweep);

    private record Leaving(Roll roll, Runnable after) {}

    Sweeper(Histogram seconds) {
        this.seconds = seconds;
        thread.scheduleWithFixedDelay(this::sweep, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void add(Roll roll) {
        rolls.put(roll.service(), roll);
    }

    /// Forgets a listener and removes its flows, then does `after`. One look does for all that leave at once.
    void remove(Roll roll, Runnable after) {
        leaving.add(new Leaving(roll, after));
        thread.execute(this::removeLeaving);
    }

    private void removeLeaving() {
        List<Leaving> gone = new ArrayList<>();
        for (Leaving next = leaving.poll(); next != null; next = leaving.poll()) {
            rolls.remove(next.roll.service());
            gone.add(next);
        }
        gone.stream().map(each -> each.roll.engine()).distinct().forEach(this::look);
        for (Leaving each : gone) {
            each.roll.leave();
            each.after.run();
        }
    }

    @Override
    public void forget(Roll roll) {
        rolls.remove(roll.service());
    }

    /// Gives the flows of listeners that have become one with others to those: each flow keeps the number that it has.
    /// Then the program does no more than listeners ask for, which no start has to wait for.
    void passOn(Engine engine) {
        thread.execute(() -> {
            try {
                engine.takeLegacies().forEach(each -> passOn(engine, each));
                engine.settle();
            } catch (RuntimeException | Error failed) {
                LOG.atError().setCause(failed).log("what an earlier process has left could not be passed on");
            }
        });
    }

    private void passOn(Engine engine, Found.Legacy legacy) {
        Roll heir = rolls.get(legacy.heir());
        if (heir != null) {
            heir.inherit(legacy.listener());
        } else {
            engine.giveBack(legacy.listener());
        }
    }

    /// Now and twice more: such a frame has no answer, so nobody knows whether it was lost.
    void announce(InetAddress address, Interfaces.Interface on) {
        for (int i = 0; i < ANNOUNCEMENTS; i++) {
            thread.schedule(
                    () -> {
                        try {
                            Announcement.send(address, on);
                        } catch (IOException failed) {
                            LOG.atWarn()
                                    .addKeyValue("address", address.getHostAddress())
                                    .addKeyValue("interface", on.name())
                                    .addKeyValue("reason", failed.getMessage())
                                    .log("neighbours were not told of an address");
                        }
                    },
                    i * PAUSE_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void lookSoon() {
        look.ask();
    }

    private void sweep() {
        rolls.values().stream().map(Roll::engine).distinct().forEach(this::look);
    }

    private void look(Engine engine) {
        long began = System.nanoTime();
        try {
            new Sweep(engine, scratch(engine), rolls.values(), seenUntilNanos, began).run();
            seenUntilNanos = began;
        } catch (IOException | RuntimeException | Error failed) {
            // The next one may go better, and must come.
            LOG.atError().setCause(failed).log("the kernel's table could not be looked through");
        }
        seconds.record(System.nanoTime() - began);
    }

    private Scratch scratch(Engine engine) {
        return scratches.computeIfAbsent(engine, Scratch::of);
    }

    @Override
    public CompletableFuture<List<LiveFlow>> flows(Roll roll, FlowQuestion question) {
        FlowsAsked mine = new FlowsAsked(roll, question);
        asked.add(mine);
        thread.execute(this::answer);
        return mine.answer();
    }

    /// Those who have asked by now; nobody is left to the others of these calls then.
    private void answer() {
        Map<Engine, List<FlowsAsked>> byEngine = new HashMap<>();
        for (FlowsAsked next = asked.poll(); next != null; next = asked.poll()) {
            byEngine.computeIfAbsent(next.roll().engine(), _ -> new ArrayList<>())
                    .add(next);
        }
        byEngine.forEach((engine, all) -> {
            try {
                new FlowList(all).answer(engine, scratch(engine).window());
            } catch (RuntimeException | Error failed) {
                LOG.atError().setCause(failed).log("flows could not be listed");
                all.forEach(each -> each.fail(failed));
            }
        });
    }

    /// Once what was begun is done.
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
