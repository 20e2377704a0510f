package dev.fairlead.http.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fairlead.http.message.Fields;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The responses that are kept, and the fills under way, of all listeners. Any thread.
///
/// What is kept under a key is every variant of it ([Vary]), the newest first. Which keys stay is W-TinyLFU's choice
/// (Einziger, Friedman, Manes: TinyLFU, ACM TOS 2017), by weight.
public final class Cache {
    /// Variants of one key: more would be a `Vary` on something that no two clients share.
    private static final int VARIANTS_MAX = 32;
    /// How long requests of a key whose response could not be kept do not wait for each other.
    private static final Duration PASS = Duration.ofSeconds(10);

    private static final int PASSES_MAX = 10_000;
    /// The part of the memory that bodies may have while they come and are meant to be kept.
    private static final int FILLING_PART = 4;

    private final com.github.benmanes.caffeine.cache.Cache<String, Entry[]> kept;
    private final com.github.benmanes.caffeine.cache.Cache<String, Boolean> passes;
    private final ConcurrentHashMap<String, Fill> fills = new ConcurrentHashMap<>();
    private final AtomicLong fillingBytes = new AtomicLong();
    private final Metrics metrics;
    private final long memory;

    public Cache(long memory, Metrics metrics) {
        this.memory = memory;
        this.metrics = metrics;
        Counter evictions = metrics.counter(Metric.CACHE_EVICTIONS);
        this.kept = Caffeine.newBuilder()
                .maximumWeight(memory)
                .weigher((String key, Entry[] variants) -> weight(key, variants))
                .evictionListener((_, _, _) -> evictions.increment())
                // Else it makes threads of the common pool.
                .executor(Runnable::run)
                .build();
        this.passes = Caffeine.newBuilder()
                .maximumSize(PASSES_MAX)
                .expireAfterWrite(PASS)
                .executor(Runnable::run)
                .build();
        metrics.gauge(Metric.CACHE_BYTES, this::bytes);
        metrics.gauge(Metric.CACHE_KEYS, kept::estimatedSize);
    }

    private static int weight(String key, Entry[] variants) {
        long all = 64L + key.length();
        for (Entry variant : variants) {
            all += variant.weight();
        }
        return (int) Math.min(Integer.MAX_VALUE, all);
    }

    private double bytes() {
        return kept.policy()
                .eviction()
                .flatMap(policy -> policy.weightedSize().stream().boxed().findFirst())
                .orElse(0L);
    }

    /// What requests of a route came to, by [Outcome].
    Counter[] outcomes(String listener) {
        return Arrays.stream(Outcome.values())
                .map(each -> metrics.counter(Metric.CACHE_REQUESTS, listener, each.word()))
                .toArray(Counter[]::new);
    }

    /// The variant for a request with these fields, fresh or not; null when there is none.
    @Nullable
    Entry find(String key, Fields request) {
        Entry[] variants = kept.getIfPresent(key);
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
        kept.asMap().merge(key, new Entry[] {entry}, (before, _) -> with(before, entry));
    }

    private static Entry[] with(Entry[] before, Entry entry) {
        Entry[] all = new Entry[before.length + 1];
        all[0] = entry;
        int count = 1;
        for (Entry each : before) {
            if (!each.vary().isSame(entry.vary())) {
                all[count++] = each;
            }
        }
        return Arrays.copyOf(all, Math.min(count, VARIANTS_MAX));
    }

    /// Forgets this entry, and no other of its key.
    void remove(String key, Entry entry) {
        kept.asMap().computeIfPresent(key, (_, variants) -> {
            Entry[] left = Arrays.stream(variants).filter(each -> each != entry).toArray(Entry[]::new);
            return left.length == 0 ? null : left;
        });
    }

    /// Forgets every variant of the key (RFC 9111 §4.4), and has what is under way not kept.
    void invalidate(String key) {
        fills.remove(key);
        kept.invalidate(key);
    }

    // ---- fills ----

    /// The fill under way for the key, or this one, which begins then.
    Fill fill(String key, Fill begun) {
        Fill other = fills.putIfAbsent(key, begun);
        return other == null ? begun : other;
    }

    @Nullable
    Fill fill(String key) {
        return fills.get(key);
    }

    void over(String key, Fill fill) {
        fills.remove(key, fill);
    }

    /// Whether the last response of the key could not be kept: nobody waits for the next one.
    boolean isPassed(String key) {
        return Objects.requireNonNullElse(passes.getIfPresent(key), false);
    }

    void pass(String key) {
        passes.put(key, true);
    }

    /// Room for so many bytes of a body that is to be kept; given back with [#filled].
    boolean tryFilling(int bytes) {
        if (fillingBytes.addAndGet(bytes) <= memory / FILLING_PART) {
            return true;
        }
        fillingBytes.addAndGet(-bytes);
        return false;
    }

    void filled(long bytes) {
        fillingBytes.addAndGet(-bytes);
    }
}
