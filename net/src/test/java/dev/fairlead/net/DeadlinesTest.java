package dev.fairlead.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class DeadlinesTest {
    private static final long MILLI = 1_000_000L;

    private final Loops loops = new Loops(1);
    private final Loop loop = loops.all().getFirst();

    @AfterEach
    void close() {
        loops.close();
    }

    /// Remembers when it expired; the loop only.
    private static class Noted extends Deadline {
        private final CountDownLatch expired;
        private long wantedNanos;
        private long earliestByNanos = Long.MAX_VALUE;
        private int times;

        Noted(Loop loop, CountDownLatch expired) {
            super(loop);
            this.expired = expired;
        }

        void in(long nanos) {
            wantedNanos = System.nanoTime() + nanos;
            at(wantedNanos);
        }

        @Override
        protected void onExpired(long nowNanos) {
            times++;
            earliestByNanos = Math.min(earliestByNanos, System.nanoTime() - wantedNanos);
            expired.countDown();
        }
    }

    @Test
    void expiresOnceAndNeverEarly() throws Exception {
        var random = new Random(1);
        var expired = new CountDownLatch(500);
        List<Noted> all = new ArrayList<>();
        onLoop(() -> {
            for (int i = 0; i < 500; i++) {
                Noted deadline = new Noted(loop, expired);
                all.add(deadline);
                deadline.in(random.nextLong(600 * MILLI));
            }
            return null;
        });
        expired.await();
        assertThat(onLoop(loop.deadlines()::count)).isZero();
        assertThat(all).allSatisfy(deadline -> {
            assertThat(deadline.times).isEqualTo(1);
            assertThat(deadline.earliestByNanos).isNotNegative();
        });
    }

    @Test
    void followsWhatMovesIt() throws Exception {
        var later = new CountDownLatch(1);
        var sooner = new CountDownLatch(1);
        Noted putOff = new Noted(loop, later);
        Noted advanced = new Noted(loop, sooner);
        onLoop(() -> {
            putOff.in(30 * MILLI);
            putOff.in(200 * MILLI);
            advanced.in(TimeUnit.HOURS.toNanos(1));
            advanced.in(60 * MILLI);
            return null;
        });
        later.await();
        sooner.await();
        assertThat(putOff.earliestByNanos).isNotNegative();
        assertThat(advanced.earliestByNanos).isNotNegative();
    }

    @Test
    void forgetsWhatIsCleared() throws Exception {
        var after = new CountDownLatch(1);
        Noted cleared = new Noted(loop, new CountDownLatch(1));
        Noted ended = new Noted(loop, new CountDownLatch(1));
        Noted last = new Noted(loop, after);
        onLoop(() -> {
            cleared.in(30 * MILLI);
            ended.in(30 * MILLI);
            last.in(300 * MILLI);
            cleared.clear();
            ended.end();
            return null;
        });
        after.await();
        assertThat(cleared.times).isZero();
        assertThat(ended.times).isZero();
    }

    @Test
    void waitsLongerThanOneTurnOfTheWheel() throws Exception {
        Noted far = new Noted(loop, new CountDownLatch(1));
        int counted = onLoop(() -> {
            far.in(TimeUnit.DAYS.toNanos(7));
            return loop.deadlines().count();
        });
        assertThat(counted).isEqualTo(1);
        assertThat(onLoop(() -> {
                    far.end();
                    return loop.deadlines().count();
                }))
                .isZero();
    }

    /// A seeded crowd that sets, moves, clears and ends, also while others expire.
    @Test
    void holdsUnderRandomUse() throws Exception {
        var random = new Random(2);
        int size = 200;
        var settled = new CountDownLatch(size);
        List<Noted> all = new ArrayList<>();
        onLoop(() -> {
            for (int i = 0; i < size; i++) {
                all.add(new Restless(loop, settled, random, all));
            }
            all.forEach(deadline -> deadline.in(random.nextLong(100 * MILLI)));
            return null;
        });
        settled.await();
        assertThat(all)
                .allSatisfy(deadline -> assertThat(deadline.earliestByNanos).isNotNegative());
    }

    /// Moves others when it expires, and itself until it has expired five times.
    private static final class Restless extends Noted {
        private final Random random;
        private final List<Noted> all;

        Restless(Loop loop, CountDownLatch settled, Random random, List<Noted> all) {
            super(loop, settled);
            this.random = random;
            this.all = all;
        }

        @Override
        protected void onExpired(long nowNanos) {
            super.onExpired(nowNanos);
            Noted other = all.get(random.nextInt(all.size()));
            switch (random.nextInt(3)) {
                case 0 -> other.in(random.nextLong(200 * MILLI));
                case 1 -> {
                    other.clear();
                    other.in(random.nextLong(50 * MILLI));
                }
                default -> {
                    other.end();
                    other.in(random.nextLong(50 * MILLI));
                }
            }
        }
    }

    @Test
    void goesOnWhenOneFails() throws Exception {
        var after = new CountDownLatch(1);
        onLoop(() -> {
            new Deadline(loop) {
                @Override
                protected void onExpired(long nowNanos) {
                    throw new IllegalStateException("as planned");
                }
            }.at(System.nanoTime() + 10 * MILLI);
            new Noted(loop, after).in(100 * MILLI);
            return null;
        });
        after.await();
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.eventLoop().submit(task).get();
    }
}
