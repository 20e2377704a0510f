package dev.fairlead.http.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.fairlead.config.CacheDiskSpec;
import dev.fairlead.http.cache.Changes.Change;
import dev.fairlead.http.cache.DiskFolder.Name;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The disk tier: every key that memory has is written to a file as well, and stays there when memory lets go of it, or
/// the process ends. What loops ask of it they ask of its index; files are read and written by virtual threads, of
/// which one writes, in order.
///
/// Of a key that changes faster than it can be written only the last state is written. What would be too much to hold
/// until then is not written but deleted, so that what is on the disk is never older than what was in memory.
final class Disk {
    private static final Logger LOG = LoggerFactory.getLogger(Disk.class);
    /// A key with all variants, and what is read at one time, are at most so large: it is memory.
    private static final int READING_MAX = 32 << 20;

    private static final long CLOSE_MILLIS = 10_000;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int KIB = 1024;

    private final DiskFolder folder;
    private final long sizeMax;
    /// What is in the folder, and how large.
    private final com.github.benmanes.caffeine.cache.Cache<Name, Long> index;

    private final Changes changes = new Changes();
    private final OpenFiles open;
    /// Told of a key whose file is another now (true) or gone: what is sent from the old one keeps that on the disk.
    private final BiConsumer<String, Boolean> replaced;
    private final ConcurrentHashMap<Name, CompletableFuture<Entry @Nullable []>> loading = new ConcurrentHashMap<>();
    /// In KiB.
    private final Semaphore reading = new Semaphore(READING_MAX / KIB);
    private final CountDownLatch rebuilt = new CountDownLatch(1);
    /// Purges under way: what is read meanwhile is not what they are about.
    private final List<Purge> purges = new CopyOnWriteArrayList<>();

    private final Counter failures;
    private final Thread writer;
    /// This process has the folder.
    private volatile boolean ours;
    private volatile boolean closing;
    private volatile boolean failing;

    Disk(CacheDiskSpec spec, Metrics metrics, BiConsumer<String, Boolean> replaced) {
        this.open = new OpenFiles(metrics);
        this.replaced = replaced;
        this.folder = new DiskFolder(Path.of(spec.folder()));
        this.sizeMax = spec.size();
        this.failures = metrics.counter(Metric.CACHE_DISK_FAILURES);
        this.index = Caffeine.newBuilder()
                .maximumWeight(Math.max(1, sizeMax / KIB))
                .weigher((Name _, Long size) -> (int) Math.min(Integer.MAX_VALUE, size / KIB + 1))
                .evictionListener((@Nullable Name name, @Nullable Long size, RemovalCause _) ->
                        changes.put(Objects.requireNonNull(name), Change.gone("")))
                .executor(Runnable::run)
                .build();
        metrics.gauge(Metric.CACHE_DISK_BYTES, this::bytes);
        metrics.gauge(Metric.CACHE_DISK_FILES, this::files);
        try {
            ours = folder.open();
        } catch (IOException unusable) {
            failed("open", unusable);
        }
        this.writer = Thread.ofVirtual().name("cache-disk").start(this::run);
    }

    /// What the files weigh, in whole KiB.
    double bytes() {
        return KIB
                * (double) index.policy()
                        .eviction()
                        .flatMap(
                                policy -> policy.weightedSize().stream().boxed().findFirst())
                        .orElse(0L);
    }

    double files() {
        return index.estimatedSize();
    }

    long sizeMax() {
        return sizeMax;
    }

    // ---- what loops and other threads ask ----

    /// Whether it is worth a [#load].
    boolean mayHave(String key) {
        if (!ours) {
            return false;
        }
        Name name = Name.of(key);
        Change change = changes.get(name);
        return change == null ? index.getIfPresent(name) != null : change.variants() != null;
    }

    /// What is sent from a file is used, which the files' order of going does not see otherwise.
    void used(StoredFile file) {
        var _ = index.getIfPresent(file.name());
    }

    /// Has it written, soon.
    void store(String key, Entry[] variants) {
        if (!ours) {
            return;
        }
        long bytes = key.length();
        long waiting = key.length();
        for (Entry each : variants) {
            bytes += each.size();
            waiting += each.waitingBytes();
        }
        if (bytes > READING_MAX || !changes.hasRoom(waiting)) {
            forget(key);
        } else if (!Cache.tryHold(variants)) {
            // Another change has overtaken this one.
            forget(key);
        } else {
            changes.put(Name.of(key), new Change(key, variants, waiting));
        }
    }

    /// From now on it is not there.
    void forget(String key) {
        Name name = Name.of(key);
        loading.remove(name);
        boolean isThere = index.asMap().remove(name) != null;
        // What has not been found yet may be there too.
        if (isThere || changes.has(name) || ours && rebuilt.getCount() > 0) {
            changes.put(name, Change.gone(key));
        }
    }

    /// Reads what is kept under the key. `keep` is called with it, and asks, once, whether it was not forgotten
    /// meanwhile; it tells whether it has it. Then the future ends, with null when nothing is there.
    /// What is used of it is to be held before that returns. `keep` may wait for whoever forgets the key: nothing
    /// is locked here.
    CompletableFuture<Entry @Nullable []> load(String key, BiPredicate<Entry[], BooleanSupplier> keep) {
        Name name = Name.of(key);
        var begun = new CompletableFuture<Entry @Nullable []>();
        CompletableFuture<Entry @Nullable []> under = loading.putIfAbsent(name, begun);
        if (under != null) {
            return under;
        }
        Thread.ofVirtual().start(() -> {
            Entry @Nullable [] found = null;
            Entry @Nullable [] given = null;
            try {
                found = read(key, name);
                BooleanSupplier isStill = () -> loading.remove(name, begun);
                if (found != null && (keep.test(found, isStill) || isStill.getAsBoolean())) {
                    given = found;
                }
            } finally {
                // Whatever went wrong: others wait.
                loading.remove(name, begun);
                begun.complete(given);
                if (found != null) {
                    Cache.let(found);
                }
            }
        });
        return begun;
    }

    /// What is kept under the key, its bodies held for the caller. Waits for the disk.
    Entry @Nullable [] read(String key) {
        return read(key, Name.of(key));
    }

    private Entry @Nullable [] read(String key, Name name) {
        Change change = changes.get(name);
        if (change != null) {
            return change.variants() != null && Cache.tryHold(change.variants()) ? change.variants() : null;
        }
        Long size = index.getIfPresent(name);
        if (size == null) {
            return null;
        }
        int permits = (int) Math.min(READING_MAX / KIB, size / KIB + 1);
        reading.acquireUninterruptibly(permits);
        try {
            DiskForm.Content content = folder.read(name, open);
            if (content != null && content.key().equals(key)) {
                return rest(key, content.variants());
            }
            index.invalidate(name);
            if (content == null) {
                changes.put(name, Change.gone(key));
            } else {
                Cache.let(content.variants());
            }
            return null;
        } catch (IOException unreadable) {
            failed("read", unreadable);
            return null;
        } finally {
            reading.release(permits);
        }
    }

    /// What the purges under way leave of it, held as it was.
    private Entry @Nullable [] rest(String key, Entry[] variants) {
        Entry[] rest = variants;
        long now = CacheLane.nowSeconds();
        for (Purge purge : purges) {
            if (rest != null && purge.isAbout(key)) {
                rest = purge.rest(rest, now);
            }
        }
        if (rest == null || !Cache.tryHold(rest)) {
            rest = null;
        }
        Cache.let(variants);
        return rest;
    }

    // ---- purges ----

    /// From now on nothing is read that this is about; [#sweep] ends that.
    void begin(Purge purge) {
        purges.add(purge);
        loading.clear();
    }

    /// Deletes or changes the files that a purge is about; `count` is told of responses under other keys than those in
    /// `counted`. Waits for the disk, and until all that it has is known.
    void sweep(Purge purge, Set<String> counted, LongAdder count) throws InterruptedException {
        try {
            rebuilt.await();
            changes.names().forEach(name -> sweep(name, purge, counted, count));
            index.asMap().keySet().forEach(name -> sweep(name, purge, counted, count));
        } finally {
            purges.remove(purge);
        }
    }

    private void sweep(Name name, Purge purge, Set<String> counted, LongAdder count) {
        try {
            DiskForm.Content heads = heads(name);
            if (heads == null || !purge.isAbout(heads.key())) {
                return;
            }
            String key = heads.key();
            long now = CacheLane.nowSeconds();
            long about = purge.count(heads.variants());
            if (about == 0) {
                return;
            }
            count.add(counted.contains(key) ? 0 : about);
            boolean isWanted = purge.rest(heads.variants(), now) != null;
            // This purge is one of those that it leaves a rest of.
            Entry[] rest = isWanted ? read(key, name) : null;
            Entry[] left = rest == null ? null : purge.rest(rest, now);
            if (left == null) {
                forget(key);
            } else {
                store(key, left);
            }
            if (rest != null) {
                Cache.let(rest);
            }
        } catch (IOException unreadable) {
            failed("read", unreadable);
        }
    }

    private DiskForm.@Nullable Content heads(Name name) throws IOException {
        Change change = changes.get(name);
        if (change == null) {
            return folder.heads(name);
        }
        return change.variants() == null ? null : DiskForm.Content.of(change.key(), change.variants());
    }

    // ---- the thread that writes ----

    private void run() {
        try {
            if (ours) {
                Thread.ofVirtual().name("cache-index").start(this::rebuild);
            } else {
                openLate();
            }
            while (!closing || !changes.isEmpty()) {
                changes.make(this::follow);
            }
        } catch (IOException unusable) {
            failed("open", unusable);
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
        ours = false;
        try {
            folder.close();
        } catch (IOException e) {
            failed("close", e);
        }
    }

    /// What the other process has left may be older than what was invalidated here meanwhile: none of it is used.
    private void openLate() throws IOException, InterruptedException {
        LOG.atWarn().log("another process has the cache's folder: the disk is not used until that ends");
        while (!closing && !folder.open()) {
            Thread.sleep(PAUSE);
        }
        if (!closing) {
            folder.clear();
            ours = true;
        }
        rebuilt.countDown();
    }

    private void follow(Name name, Change change) {
        try {
            if (change.variants() == null) {
                index.invalidate(name);
                folder.delete(name);
            } else if (Cache.tryHold(change.variants())) {
                try {
                    index.put(name, folder.write(name, DiskForm.of(change.key(), change.variants())));
                } finally {
                    Cache.let(change.variants());
                }
            }
            failing = false;
        } catch (IOException unwritable) {
            index.invalidate(name);
            failed("write", unwritable);
        }
        String key = open.key(name);
        if (key != null) {
            replaced.accept(key, index.asMap().containsKey(name));
        }
    }

    /// Finds what an earlier process has left. Traffic goes on meanwhile, and misses what is not found yet.
    private void rebuild() {
        try {
            folder.list((name, size) -> {
                if (size > 0 && !changes.has(name)) {
                    index.asMap().putIfAbsent(name, size);
                }
            });
            LOG.atInfo().addKeyValue("files", index.estimatedSize()).log("the cache's folder is read");
        } catch (IOException unreadable) {
            failed("list", unreadable);
        } finally {
            rebuilt.countDown();
        }
    }

    /// The first of several in a row is told.
    private void failed(String what, IOException why) {
        failures.increment();
        if (!failing) {
            failing = true;
            LOG.atError()
                    .addKeyValue("what", what)
                    .addKeyValue("reason", why.toString())
                    .log("the cache's folder fails");
        }
    }

    /// Writes what waits, for some seconds at most.
    void close() {
        closing = true;
        changes.wake();
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
