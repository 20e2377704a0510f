package dev.fairlead.http.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.CacheDiskSpec;
import dev.fairlead.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DiskTest {
    private static final String KEY = "web all app http a.test /a";
    private static final String OTHER = "web all app http b.test /b";

    @TempDir
    private Path folder;

    private Disk open() {
        return new Disk(new CacheDiskSpec(folder.toString(), 1 << 20), new Metrics(), (_, _) -> {});
    }

    private static Entry[] variants(String... bodies) {
        Entry[] all = new Entry[bodies.length];
        for (int i = 0; i < bodies.length; i++) {
            all[i] = Entries.of("l" + i, bodies[i].getBytes(US_ASCII));
        }
        return all;
    }

    private static @Nullable String first(Entry @Nullable [] variants) {
        return variants == null ? null : new String(variants[0].body().view(0).array(), US_ASCII);
    }

    @SuppressWarnings("BusyWait") // What a virtual thread finds in a folder tells nobody that it is there.
    private static void awaitThere(Disk disk, String key) throws InterruptedException {
        while (!disk.mayHave(key)) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /// A file is counted when it is in its place.
    @SuppressWarnings("BusyWait") // See #awaitThere.
    private static void awaitWritten(Disk disk, int files) throws InterruptedException {
        while (disk.files() < files) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void whatWasStoredLastIsThereAgain() throws Exception {
        Disk disk = open();
        disk.store(KEY, variants("old"));
        disk.store(KEY, variants("new", "other"));
        disk.store(OTHER, variants("b"));
        assertThat(first(disk.read(KEY))).as("before or after it is written").isEqualTo("new");
        disk.close();
        Disk next = open();
        awaitThere(next, KEY);
        var kept = new AtomicReference<Entry[]>();
        Entry[] loaded = next.load(KEY, (variants, isStill) -> {
                    kept.set(variants);
                    return isStill.getAsBoolean();
                })
                .get(60, TimeUnit.SECONDS);
        assertThat(loaded).hasSize(2).isSameAs(kept.get());
        assertThat(first(loaded)).isEqualTo("new");
        assertThat(next.read("web all app http a.test /none")).isNull();
        next.close();
    }

    @Test
    void whatIsForgottenIsNotThereAgain() throws Exception {
        Disk disk = open();
        disk.store(KEY, variants("a"));
        disk.store(OTHER, variants("b"));
        disk.forget(KEY);
        assertThat(disk.mayHave(KEY)).isFalse();
        assertThat(disk.read(KEY)).isNull();
        disk.close();
        Disk next = open();
        awaitThere(next, OTHER);
        next.forget(OTHER);
        assertThat(next.read(OTHER)).isNull();
        next.close();
        Disk last = open();
        assertThat(last.read(KEY)).isNull();
        last.sweep(Purge.tag("none", false), Set.of(), new LongAdder());
        assertThat(last.files()).as("after all was listed").isZero();
        last.close();
    }

    /// What is sent from a file stays in memory, where its uses are.
    @Test
    void theFileOfWhatIsUsedStays() throws Exception {
        Disk disk = open();
        String body = "x".repeat(100_000);
        disk.store(KEY, variants(body));
        awaitWritten(disk, 1);
        use(disk, KEY, null);
        Entry[] filed = disk.read(KEY);
        assertThat(filed).isNotNull();
        StoredFile file = filed[0].file();
        assertThat(file).isNotNull();
        for (int i = 0; i < 20; i++) {
            disk.store(OTHER + i, variants(body));
            use(disk, OTHER + i, file);
        }
        assertThat(disk.mayHave(KEY)).isTrue();
        Cache.let(filed);
        disk.close();
    }

    /// While it is written, and then some.
    @SuppressWarnings("BusyWait") // See #awaitThere.
    private static void use(Disk disk, String key, @Nullable StoredFile meanwhile) throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            disk.mayHave(key);
            if (meanwhile != null) {
                disk.used(meanwhile);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /// Whoever forgets a key has it locked in memory, where `keep` waits for him.
    @Test
    void whatIsForgottenWhileItIsLoadedIsNotKept() throws Exception {
        Disk disk = open();
        disk.store(KEY, variants("a"));
        Entry[] loaded = disk.load(KEY, (_, isStill) -> {
                    CompletableFuture.runAsync(() -> disk.forget(KEY)).join();
                    return isStill.getAsBoolean();
                })
                .get(60, TimeUnit.SECONDS);
        assertThat(loaded).isNull();
        assertThat(disk.read(KEY)).isNull();
        disk.close();
    }

    @Test
    void whoeverWaitsGoesOnWhenLoadingFails() throws Exception {
        Disk disk = open();
        disk.store(KEY, variants("a"));
        Entry[] failed = disk.load(KEY, (_, _) -> {
                    throw new IllegalStateException("no room");
                })
                .get(60, TimeUnit.SECONDS);
        assertThat(failed).isNull();
        Entry[] loaded = disk.load(KEY, (_, isStill) -> isStill.getAsBoolean()).get(60, TimeUnit.SECONDS);
        assertThat(first(loaded)).isEqualTo("a");
        disk.close();
    }

    @Test
    void whatCannotBeWrittenLeavesNothing() throws Exception {
        Disk disk = open();
        disk.store(OTHER, variants("b"));
        awaitWritten(disk, 1);
        try (Stream<Path> places = Files.list(folder)) {
            for (Path place : places.toList()) {
                if (place.getFileName().toString().length() == 2 && isEmpty(place)) {
                    Files.delete(place);
                }
            }
        }
        disk.store(KEY, variants("a"));
        disk.close();
        assertThat(folder.resolve("begun")).isEmptyDirectory();
        Disk next = open();
        awaitThere(next, OTHER);
        assertThat(next.read(KEY)).isNull();
        next.close();
    }

    private static boolean isEmpty(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.findAny().isEmpty();
        }
    }

    @Test
    void aPurgeGoesThroughAllFiles() throws Exception {
        Disk disk = open();
        disk.store(KEY, variants("a", "c"));
        disk.store(OTHER, variants("b"));
        disk.close();
        Disk next = open();
        var count = new LongAdder();
        Purge soft = Purge.tag("a", true);
        next.begin(soft);
        next.sweep(soft, Set.of(OTHER), count);
        assertThat(count.sum()).as("of keys that memory has not counted").isEqualTo(2);
        Entry[] stale = next.read(KEY);
        assertThat(stale).hasSize(2);
        assertThat(stale[0].freshness().left(CacheLane.nowSeconds())).isNotPositive();
        Purge hard = Purge.prefix("http://a.test/", false);
        next.begin(hard);
        next.sweep(hard, Set.of(), count);
        assertThat(next.read(KEY)).isNull();
        assertThat(next.mayHave(OTHER)).isTrue();
        next.close();
    }

    /// What another process has may be older than what this one has been told to forget.
    @Test
    void whoeverComesSecondBeginsWithAnEmptyFolder() throws Exception {
        Disk first = open();
        first.store(KEY, variants("a"));
        Disk second = open();
        second.store(OTHER, variants("b"));
        assertThat(second.mayHave(OTHER)).as("while the first has the folder").isFalse();
        first.close();
        while (!second.mayHave(OTHER)) {
            second.store(OTHER, variants("b"));
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(second.mayHave(KEY)).isFalse();
        assertThat(second.read(KEY)).isNull();
        second.close();
    }
}
