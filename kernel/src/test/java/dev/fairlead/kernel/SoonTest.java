package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SoonTest {
    @Test
    void isDoneOnceForAllWhoAskBeforeItBegins() throws InterruptedException {
        var times = new AtomicInteger();
        var mayGoOn = new CountDownLatch(1);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            var soon = new Soon(thread, times::incrementAndGet);
            thread.execute(() -> {
                try {
                    assertThat(mayGoOn.await(60, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException ended) {
                    throw new AssertionError(ended);
                }
            });

            for (int i = 0; i < 1000; i++) {
                soon.ask();
            }
            mayGoOn.countDown();
        }

        assertThat(times).hasValue(1);
    }

    @Test
    void isDoneAgainForWhoAsksAfterItHasBegun() throws InterruptedException {
        var times = new AtomicInteger();
        var hasBegun = new CountDownLatch(1);
        var mayGoOn = new CountDownLatch(1);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            var soon = new Soon(thread, () -> {
                times.incrementAndGet();
                hasBegun.countDown();
                try {
                    assertThat(mayGoOn.await(60, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException ended) {
                    throw new AssertionError(ended);
                }
            });
            soon.ask();
            assertThat(hasBegun.await(60, TimeUnit.SECONDS)).isTrue();

            soon.ask();
            mayGoOn.countDown();
        }

        assertThat(times).hasValue(2);
    }
}
