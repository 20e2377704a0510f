package dev.fairlead.kernel.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ReplacementsTest {
    private final AtomicInteger ended = new AtomicInteger();

    @Test
    void boundsTheThreadsAndTheCallerDoesTheRest() throws Exception {
        var go = new CountDownLatch(1);
        List<Future<?>> all = new ArrayList<>();
        try (ThreadPoolExecutor threads =
                Replacements.threads(Thread.ofPlatform().daemon().factory())) {
            for (int i = 0; i < 256; i++) {
                all.add(Replacements.submit(threads, () -> await(go), ended::incrementAndGet));
            }
            Future<?> beyond = Replacements.submit(threads, () -> {}, ended::incrementAndGet);
            assertThat(beyond.isDone()).isTrue();
            assertThat(threads.getPoolSize()).isEqualTo(256);
            go.countDown();
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(ended).hasValue(257);
    }

    @Test
    void aThreadThatCannotBeHadIsAnIoExceptionAndLeaksNothing() {
        try (ThreadPoolExecutor threads = Replacements.threads(_ -> {
            throw new OutOfMemoryError("unable to create native thread");
        })) {
            assertThatThrownBy(() -> Replacements.submit(threads, () -> {}, ended::incrementAndGet))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("native thread");
        }
        assertThat(ended).hasValue(1);
    }

    @Test
    void afterTheEndItIsAnIoException() {
        ThreadPoolExecutor threads =
                Replacements.threads(Thread.ofPlatform().daemon().factory());
        threads.close();

        assertThatThrownBy(() -> Replacements.submit(threads, () -> {}, ended::incrementAndGet))
                .isInstanceOf(IOException.class);
        assertThat(ended).hasValue(1);
    }

    private static void await(CountDownLatch go) throws IOException {
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
