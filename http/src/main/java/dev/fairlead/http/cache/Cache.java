package dev.fairlead.http.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.fairlead.config.CacheStoreSpec;
import dev.fairlead.http.message.Fields;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The responses that are kept, of all listeners. Any thread.
///
/// What is kept under a key is every variant of it ([Vary]), the newest first. Which keys stay is W-TinyLFU's choice
/// (Einziger, Friedman, Manes: TinyLFU, ACM TOS 2017), by weight.
public final class Cache {
    /// The part of the memory that bodies may have while they come and are meant to be kept.
    private static final int FILLING_PART = 4;

    /// So many times the memory may be taken by bodies, with those that are not kept any more but still being sent.
    private static final int LET_PART = 2;

    private final com.github.benmanes.caffeine.cache.Cache<String, Entry[]> kept;
    private final Underway underway;
    /// By listener and route.
    private final ConcurrentHashMap<String, Counter> evictions = new ConcurrentHashMap<>();
    private final LongAdder[] totals =
            Stream.generate(LongAdder::new).limit(Outcome.values().length).toArray(LongAdder[]::new);
    private final Metrics metrics;
    private final long memory;
    private final Pages pages;
    private final @Nullable Disk disk;

    public Cache(CacheStoreSpec spec, Metrics metrics) {
        this.memory = spec.memory();
        this.metrics = metrics;
        this.underway = new Underway(memory / FILLING_PART);
        this.pages = new Pages(memory * LET_PART);
        this.kept = Caffeine.newBuilder()
                .maximumWeight(memory)
                .weigher((String key, Entry[] variants) -> Variants.weight(key, variants))
                .evictionListener((@Nullable String key, Entry @Nullable [] _, RemovalCause _) ->
                        evictions(Objects.requireNonNull(key)).increment())
                // Whatever leaves, for whatever reason, was held by being here.
                .removalListener((@Nullable String key, Entry @Nullable [] variants, RemovalCause _) ->
                        let(Objects.requireNonNull(variants)))
                // Else it makes threads of the common pool.
                .executor(Runnable::run)
                .build();
        this.disk = spec.disk() == null ? null : new Disk(spec.disk(), metrics, this::letFile);
        metrics.gauge(Metric.CACHE_BYTES, this::bytes);
        metrics.gauge(Metric.CACHE_PAGES, pages::bytes);
        metrics.gauge(Metric.CACHE_KEYS, kept::estimatedSize);
    }

    private double bytes() {
        return kept.policy()
                .eviction()
                .flatMap(policy -> policy.weightedSize().stream().boxed().findFirst())
                .orElse(0L);
    }

    private Counter evictions(String key) {
        return evictions.computeIfAbsent(
                Key.listener(key) + ' ' + Key.route(key),
                _ -> metrics.counter(Metric.CACHE_EVICTIONS, Key.listener(key), Key.route(key)));
    }

    /// What requests of a route came to, by [Outcome].
    Counter[] outcomes(String listener, String route) {
        return Arrays.stream(Outcome.values())
                .map(each -> metrics.counter(Metric.CACHE_REQUESTS, listener, route, each.word()))
                .toArray(Counter[]::new);
    }

    /// Bytes of bodies that came from here.
    Counter sentBytes(String listener, String route) {
        return metrics.counter(Metric.CACHE_SENT_BYTES, listener, route);
    }

    void count(Outcome outcome) {
        totals[outcome.ordinal()].increment();
    }

    Pages pages() {
        return pages;
    }

    Underway underway() {
        return underway;
    }

    /// The variant for a request with these fields, fresh or not, whose body the caller holds; null when there is none.
    @Nullable
    Entry find(String key, Fields request) {
        Entry found = held(variant(kept.getIfPresent(key), request));
        StoredFile file = found == null ? null : found.file();
        if (file != null && disk != null) {
            disk.used(file);
        }
        return found;
    }

    /// Null, too, when it has gone meanwhile.
    static @Nullable Entry held(@Nullable Entry found) {
        return found != null && found.body().tryHold() ? found : null;
    }

    /// All or none of them. False: one has gone.
    static boolean tryHold(Entry[] variants) {
        for (int i = 0; i < variants.length; i++) {
            if (!variants[i].body().tryHold()) {
                let(Arrays.copyOf(variants, i));
                return false;
            }
        }
        return true;
    }

    static void let(Entry[] variants) {
        for (Entry each : variants) {
            each.body().let();
        }
    }

    /// What stands under a key from now on: it is held by being there.
    private static Entry[] standing(Entry[] variants) {
        if (!tryHold(variants)) {
            throw new IllegalStateException("what is kept, or just came, has gone");
        }
        return variants;
    }

    static @Nullable Entry variant(Entry @Nullable [] variants, Fields request) {
        if (variants == null) {
            return null;
        }
        for (Entry variant : variants) {
            if (variant.vary().matches(request)) {
                return variant;
            }
        }
        return null;
    }

    /// Keeps it in the place of the variant that is for the same requests.
    void put(String key, Entry entry) {
        kept.asMap().compute(key, (_, before) -> {
            Entry[] all = before == null ? new Entry[] {entry} : Variants.with(before, entry);
            write(key, all);
            return standing(all);
        });
    }

    /// Keeps parts of a body, whose hold is the caller's, with what is kept of the same already; `ifHere` does so if
    /// they were not forgotten meanwhile. Bodies are copied for it before anything is locked.
    @SuppressWarnings("ReferenceEquality") // Whether nothing has changed.
    void putParts(String key, Entry parts, Consumer<Runnable> ifHere) {
        Entry[] known = kept.policy().getIfPresentQuietly(key);
        Entry all = together(known, parts);
        ifHere.accept(() -> kept.asMap()
                .compute(
                        key, (_, before) -> place(key, before, before == known ? held(all) : together(before, parts))));
        if (all != null) {
            all.body().let();
        }
    }

    /// The variant of these parts with them, held for the caller; null when it stays as it is.
    private @Nullable Entry together(Entry @Nullable [] variants, Entry parts) {
        Entry same = held(Variants.same(variants, parts.vary()));
        if (same == null) {
            return parts.held();
        }
        Entry all = same.with(parts, pages);
        same.body().let();
        return all;
    }

    /// Uses the hold of `all`.
    private Entry @Nullable [] place(String key, Entry @Nullable [] before, @Nullable Entry all) {
        if (all == null) {
            return before;
        }
        Entry[] variants = before == null ? new Entry[] {all} : Variants.with(before, all);
        write(key, variants);
        Entry[] standing = standing(variants);
        all.body().let();
        return standing;
    }

    /// Changes the variant for a request with these fields, which keeps its body, if there is one in memory.
    void change(String key, Fields request, UnaryOperator<Entry> how) {
        kept.asMap().computeIfPresent(key, (_, variants) -> {
            Entry known = variant(variants, request);
            if (known == null) {
                return variants;
            }
            Entry[] all = Arrays.stream(variants)
                    .map(each -> each.equals(known) ? how.apply(each) : each)
                    .toArray(Entry[]::new);
            write(key, all);
            return standing(all);
        });
    }

    /// Forgets this entry, and no other of its key.
    void remove(String key, Entry entry) {
        kept.asMap().computeIfPresent(key, (_, variants) -> {
            Entry[] all = Arrays.stream(variants).filter(each -> each != entry).toArray(Entry[]::new);
            Entry[] left = all.length == 0 ? null : all;
            write(key, left);
            return left == null ? null : standing(left);
        });
    }

    /// Forgets every variant of the key (RFC 9111 §4.4), and has what is under way not kept.
    void invalidate(String key) {
        underway.forget(key);
        kept.invalidate(key);
        write(key, null);
    }

    // ---- the disk ----

    /// Whether it is worth a [#load], when memory has nothing.
    boolean isOnDisk(String key) {
        return disk != null && disk.mayHave(key);
    }

    /// The key's file is another now, from which everything is loaded again, or none: what is sent from the old one is
    /// not found any more. The disk knows.
    private void letFile(String key, boolean isThere) {
        kept.asMap().computeIfPresent(key, (_, variants) -> {
            if (Arrays.stream(variants).noneMatch(Entry::isFiled)) {
                return variants;
            }
            Entry[] rest = Arrays.stream(variants)
                    .filter(each -> !isThere && !each.isFiled())
                    .toArray(Entry[]::new);
            return rest.length == 0 ? null : standing(rest);
        });
    }

    /// Brings a key back into memory. The future ends, on another thread, with what there is, or with null.
    CompletableFuture<Entry @Nullable []> load(String key) {
        return disk == null
                ? CompletableFuture.completedFuture(null)
                : disk.load(key, (variants, isStill) -> keep(key, variants, isStill));
    }

    /// Keeps what the disk has, unless something is here by now, or it was forgotten meanwhile.
    @SuppressWarnings("ReferenceEquality") // Whether it is ours that is there.
    private boolean keep(String key, Entry[] variants, BooleanSupplier isStill) {
        Entry[] all = new Entry[variants.length];
        for (int i = 0; i < all.length; i++) {
            Entry each = variants[i].compact(pages);
            if (each == null) {
                let(Arrays.copyOf(all, i));
                return false;
            }
            all[i] = each;
        }
        // The disk is asked with the key locked here, as it is told of every change: never the other way round.
        boolean isKept = kept.asMap().computeIfAbsent(key, _ -> isStill.getAsBoolean() ? all : null) == all;
        if (!isKept) {
            let(all);
        }
        return isKept;
    }

    /// What is kept for such a request, in memory or on the disk, without its counting as a use; its body is not held.
    /// Waits for the disk.
    @Nullable
    Entry look(String key, Fields request) {
        Entry[] variants = kept.policy().getIfPresentQuietly(key);
        if (variants != null || disk == null) {
            return variant(variants, request);
        }
        Entry[] read = disk.read(key);
        if (read != null) {
            let(read);
        }
        return variant(read, request);
    }

    /// Writes what is still to be written.
    public void close() {
        if (disk != null) {
            disk.close();
        }
    }

    /// Forgets, or makes stale, what an operator means, and does not keep what is under way for it. How many responses
    /// that were. It goes through all that is kept, on the disk too: seconds for millions.
    public long purge(Purge purge) throws InterruptedException {
        underway.forget(purge);
        if (disk != null) {
            disk.begin(purge);
        }
        long now = CacheLane.nowSeconds();
        var count = new LongAdder();
        Set<String> purged = new HashSet<>();
        for (String key : kept.asMap().keySet()) {
            if (purge.isAbout(key)) {
                kept.asMap().computeIfPresent(key, (_, variants) -> {
                    long about = purge.count(variants);
                    if (about == 0) {
                        return variants;
                    }
                    Entry[] rest = purge.rest(variants, now);
                    count.add(about);
                    purged.add(key);
                    write(key, rest);
                    return rest == null ? null : standing(rest);
                });
            }
        }
        if (disk != null) {
            disk.sweep(purge, purged, count);
        }
        return count.sum();
    }

    private void write(String key, Entry @Nullable [] variants) {
        if (disk == null) {
            return;
        }
        // Parts are in memory only.
        Entry[] whole = variants == null
                ? new Entry[0]
                : Arrays.stream(variants).filter(each -> each.parts() == null).toArray(Entry[]::new);
        if (whole.length == 0) {
            disk.forget(key);
        } else {
            disk.store(key, whole);
        }
    }

    /// What is here now. `answered` is by [Outcome]'s word, since the start.
    public record Census(
            long keys,
            long responses,
            long bytes,
            long bytesMax,
            @Nullable Files files,
            int fills,
            Map<String, Long> answered) {
        public Census {
            answered = Collections.unmodifiableMap(new LinkedHashMap<>(answered));
        }
    }

    /// What the disk tier has.
    public record Files(long count, long bytes, long bytesMax) {}

    /// Counts. Goes through all that is kept.
    public Census census() {
        long responses =
                kept.asMap().values().stream().mapToLong(each -> each.length).sum();
        Map<String, Long> answered = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            answered.put(outcome.word(), totals[outcome.ordinal()].sum());
        }
        Files files = disk == null ? null : new Files((long) disk.files(), (long) disk.bytes(), disk.sizeMax());
        return new Census(kept.estimatedSize(), responses, (long) bytes(), memory, files, underway.fills(), answered);
    }
}
