package dev.fairlead.upstream.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.QueueSpec;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.balance.Load;
import dev.fairlead.upstream.limit.Waiter.Turn;
import dev.fairlead.upstream.limit.WaitingQueue.Outcome;
import dev.fairlead.upstream.limit.WaitingQueue.Place;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WaitingQueueTest {
    private final Metrics metrics = new Metrics();
    private final WaitingQueue queue = queue(4);
    private final Queue<Runnable> loop = new ArrayDeque<>();
    private final List<String> served = new ArrayList<>();
    private int room;

    private WaitingQueue queue(int max) {
        return new WaitingQueue("app", new QueueSpec(max, Duration.ofSeconds(1)), metrics);
    }

    private Place enter(String name) {
        return queue.enter(() -> take(name, Turn.FULL), loop::add, 0);
    }

    private Turn take(String name, Turn otherwise) {
        if (room == 0) {
            return otherwise;
        }
        room--;
        served.add(name);
        return Turn.OVER;
    }

    private void run() {
        for (Runnable next = loop.poll(); next != null; next = loop.poll()) {
            next.run();
        }
    }

    private void free(int count) {
        room += count;
        queue.freed();
        run();
    }

    @Test
    void servesInTheOrderOfArrival() {
        enter("a");
        enter("b");
        enter("c");
        run();
        assertThat(served).isEmpty();
        free(1);
        assertThat(served).containsExactly("a");
        free(2);
        assertThat(served).containsExactly("a", "b", "c");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void takesNoMoreThanItsMost() {
        for (int i = 0; i < 4; i++) {
            assertThat(enter("a" + i)).isNotNull();
        }
        assertThat(enter("b")).isNull();
        assertThat(metrics.counter(Metric.UPSTREAM_QUEUE_REFUSALS, "app").value())
                .isEqualTo(1);
    }

    @Test
    void isOffWhenItsMostIsNone() {
        assertThat(queue(0).enter(() -> Turn.FULL, loop::add, 0)).isNull();
        assertThat(metrics.counter(Metric.UPSTREAM_QUEUE_REFUSALS, "app").value())
                .isZero();
    }

    @Test
    void findsRoomThatWasFreedBeforeItEntered() {
        room = 1;
        enter("a");
        run();
        assertThat(served).containsExactly("a");
    }

    @Test
    void triesAgainWhenRoomIsFreedDuringTheTry() {
        queue.enter(
                () -> {
                    Turn turn = take("a", Turn.FULL);
                    if (turn == Turn.FULL && served.isEmpty() && room == 0) {
                        // Another loop, between the look and its result.
                        room = 1;
                        queue.freed();
                    }
                    return turn;
                },
                loop::add,
                0);
        run();
        assertThat(served).containsExactly("a");
    }

    @Test
    void oneThatLeavesInItsTurnGivesItOn() {
        Place a = enter("a");
        run();
        enter("b");
        run();
        room = 1;
        queue.freed();
        a.end(Outcome.LEFT, 5);
        run();
        assertThat(served).containsExactly("b");
        assertThat(metrics.counter(Metric.UPSTREAM_QUEUE_WAITS, "app", "left").value())
                .isEqualTo(1);
    }

    /// What the first could not use was there for the second, and nobody would have told it.
    @Test
    void oneThatLeavesAfterItsTurnLetsTheNextTry() {
        Place a = queue.enter(() -> Turn.FULL, loop::add, 0);
        enter("b");
        free(1);
        assertThat(served).isEmpty();
        a.end(Outcome.TIMEOUT, 5);
        run();
        assertThat(served).containsExactly("b");
    }

    @Test
    void anEndCountsOnce() {
        Place a = enter("a");
        a.end(Outcome.TIMEOUT, 5);
        a.end(Outcome.LEFT, 5);
        run();
        assertThat(queue.length()).isZero();
        assertThat(metrics.counter(Metric.UPSTREAM_QUEUE_WAITS, "app", "timeout")
                        .value())
                .isEqualTo(1);
        assertThat(metrics.histogram(Metric.UPSTREAM_QUEUE_SECONDS, "app").count())
                .isEqualTo(1);
    }

    @Test
    void oneWithFewerChoicesHoldsNobodyUp() {
        boolean[] isForA = {false};
        queue.enter(() -> isForA[0] ? take("a", Turn.PASSED) : Turn.PASSED, loop::add, 0);
        enter("b");
        enter("c");
        run();
        free(1);
        assertThat(served).containsExactly("b");
        isForA[0] = true;
        free(1);
        assertThat(served).containsExactly("b", "a");
    }

    @Test
    void passesByALoopThatHasEnded() {
        queue.enter(
                () -> Turn.FULL,
                _ -> {
                    throw new java.util.concurrent.RejectedExecutionException();
                },
                0);
        enter("b");
        free(1);
        assertThat(served).containsExactly("b");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void whatATryThrowsEndsItsWaitOnly() {
        queue.enter(
                () -> {
                    throw new IllegalStateException("a mistake");
                },
                loop::add,
                0);
        enter("b");
        room = 1;
        while (!loop.isEmpty()) {
            try {
                run();
            } catch (IllegalStateException _) {
                // The loop would log it and go on.
            }
        }
        assertThat(served).containsExactly("b");
    }

    /// Four loops, four slots, and a fifth of the waiters leaving at any time: every wait ends, never more than
    /// four at once, and nothing is left. A single lost wake-up would leave the queue standing for ever.
    @Test
    void losesNoWakeUpUnderStress() throws Exception {
        for (int round = 0; round < 20; round++) {
            new Stress(round).run();
        }
    }

    private final class Stress {
        private static final int LOOPS = 4;
        private static final int SLOTS = 4;
        private static final int EACH = 2_000;

        private final WaitingQueue contended = queue(100_000);
        private final Load load = new Load();
        private final AtomicInteger most = new AtomicInteger();
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger gone = new AtomicInteger();
        private final CountDownLatch over = new CountDownLatch(LOOPS * EACH);
        private final List<ExecutorService> loops = new ArrayList<>();
        private final long seed;

        Stress(long seed) {
            this.seed = seed;
        }

        void run() throws InterruptedException {
            for (int i = 0; i < LOOPS; i++) {
                loops.add(Executors.newSingleThreadExecutor());
            }
            for (int i = 0; i < LOOPS; i++) {
                ExecutorService on = loops.get(i);
                Random random = new Random(seed * LOOPS + i);
                for (int j = 0; j < EACH; j++) {
                    boolean leaves = random.nextInt(5) == 0;
                    on.execute(() -> arrive(on, leaves));
                }
            }
            boolean ended = over.await(30, TimeUnit.SECONDS);
            loops.forEach(ExecutorService::shutdownNow);
            assertThat(ended)
                    .as("all ended; %s left in round %s", over.getCount(), seed)
                    .isTrue();
            assertThat(most.get()).isLessThanOrEqualTo(SLOTS);
            assertThat(taken.get() + gone.get()).isEqualTo(LOOPS * EACH);
            assertThat(contended.length()).isZero();
            assertThat(load.inFlight()).isZero();
        }

        private void arrive(ExecutorService on, boolean leaves) {
            if (contended.isEmpty() && tryTake(on)) {
                return;
            }
            Place place = contended.enter(() -> tryTake(on) ? Turn.OVER : Turn.FULL, on, 0);
            if (leaves) {
                on.execute(() -> leave(place));
            }
        }

        private boolean tryTake(ExecutorService on) {
            if (!load.tryBegin(SLOTS)) {
                return false;
            }
            most.accumulateAndGet(load.inFlight(), Math::max);
            taken.incrementAndGet();
            // The work: it ends on its loop a little later.
            on.execute(() -> {
                load.end();
                contended.freed();
                over.countDown();
            });
            return true;
        }

        private void leave(Place place) {
            if (place.end(Outcome.LEFT, 1)) {
                gone.incrementAndGet();
                over.countDown();
            }
        }
    }

    @Test
    void tellsWhetherTheNextIsOfAnotherLoop() {
        java.util.concurrent.Executor here = loop::add;
        assertThat(queue.isNextElsewhere(here)).isFalse();
        queue.enter(() -> Turn.FULL, here, 0);
        assertThat(queue.isNextElsewhere(here)).isFalse();
        assertThat(queue.isNextElsewhere(Runnable::run)).isTrue();
    }
}
