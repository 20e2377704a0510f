package dev.fairlead.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
    @TempDir
    Path directory;

    @Test
    void whoComesSecondWaitsForTheFirst() throws Exception {
        AtomicBoolean isDone = new AtomicBoolean();
        CompletableFuture<Boolean> second;
        try (DirectoryLock _ = DirectoryLock.of(directory)) {
            second = CompletableFuture.supplyAsync(() -> {
                try (DirectoryLock _ = DirectoryLock.of(directory)) {
                    return isDone.get();
                } catch (java.io.IOException late) {
                    throw new java.io.UncheckedIOException(late);
                }
            });
            TimeUnit.MILLISECONDS.sleep(50);
            isDone.set(true);
        }

        assertThat(second.get(60, TimeUnit.SECONDS)).isTrue();
    }
}
