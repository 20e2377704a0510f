package dev.fairlead.acme;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FolderStoreTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2027-01-01T00:00:00Z"));
    private FolderStore store;
    private FolderStore other;

    @BeforeEach
    void open() {
        store = new FolderStore(folder.resolve("acme"), now::get);
        other = new FolderStore(folder.resolve("acme"), now::get);
    }

    private void pass(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }

    @Test
    void keepsValuesForTheirOwnerOnly() throws IOException {
        store.write("certificates/a.example.pem", "one".getBytes(US_ASCII));
        store.write("certificates/a.example.pem", "two".getBytes(US_ASCII));

        assertThat(other.read("certificates/a.example.pem")).asString(US_ASCII).isEqualTo("two");
        assertThat(other.list("certificates")).containsExactly("a.example.pem");
        Path file = folder.resolve("acme/certificates/a.example.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");

        other.remove("certificates/a.example.pem");
        other.remove("certificates/a.example.pem");

        assertThat(store.read("certificates/a.example.pem")).isNull();
        assertThat(store.list("certificates")).isEmpty();
        assertThat(store.list("never")).isEmpty();
    }

    @Test
    void locksOutTheOthersUntilItLetsGo() throws IOException {
        Lease lease = store.tryLock("a.example", MINUTE);

        assertThat(lease).isNotNull();
        assertThat(other.tryLock("a.example", MINUTE)).isNull();
        assertThat(other.tryLock("b.example", MINUTE)).as("another name").isNotNull();

        lease.close();

        Lease next = other.tryLock("a.example", MINUTE);
        assertThat(next).isNotNull();
        assertThat(lease.renew()).isFalse();
        lease.close();
        assertThat(store.tryLock("a.example", MINUTE))
                .as("who has lost it lets nobody in")
                .isNull();
    }

    @Test
    void waitsForOneThatDiesOnlyForItsTime() throws IOException {
        Lease dead = store.tryLock("a.example", MINUTE);
        pass(Duration.ofSeconds(59));
        assertThat(other.tryLock("a.example", MINUTE)).isNull();
        assertThat(dead.renew()).isTrue();
        pass(Duration.ofSeconds(59));
        assertThat(other.tryLock("a.example", MINUTE)).as("it was renewed").isNull();
        pass(Duration.ofSeconds(1));

        assertThat(other.tryLock("a.example", MINUTE)).isNotNull();

        assertThat(dead.renew()).as("too late").isFalse();
        assertThat(Files.list(folder.resolve("acme/locks"))).hasSize(1);
    }

    /// What a process leaves that dies between making its file and writing it.
    @Test
    void believesAnEmptyFileByItsAge() throws IOException {
        store.tryLock("a.example", MINUTE).close();
        Path empty = Files.createFile(folder.resolve("acme/locks/a.example.2"));
        Files.setLastModifiedTime(empty, java.nio.file.attribute.FileTime.from(now.get()));

        assertThat(store.tryLock("a.example", MINUTE)).isNull();
        pass(MINUTE);
        assertThat(store.tryLock("a.example", MINUTE)).isNotNull();
    }

    @Test
    void isNeverHeldByTwo() throws Exception {
        AtomicInteger holders = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        Callable<Void> node = () -> {
            FolderStore mine = new FolderStore(folder.resolve("acme"), InstantSource.system());
            while (turns.get() < 2000) {
                try (Lease lease = mine.tryLock("a.example", MINUTE)) {
                    if (lease != null) {
                        most.accumulateAndGet(holders.incrementAndGet(), Math::max);
                        turns.incrementAndGet();
                        Thread.yield();
                        holders.decrementAndGet();
                    }
                }
            }
            return null;
        };
        List<Future<Void>> nodes = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                nodes.add(threads.submit(node));
            }
            for (Future<Void> each : nodes) {
                each.get();
            }
        }
        assertThat(most).hasValue(1);
    }
}
