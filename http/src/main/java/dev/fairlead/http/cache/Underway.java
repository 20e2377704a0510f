package dev.fairlead.http.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What is on its way from endpoints, of all listeners: the fill of each key, the excerpts, and what their bodies take.
/// They are here from when they ask. Who is not here any more when it ends, for a change or an operator has overtaken
/// it, is not kept. Any thread.
final class Underway {
    /// How long requests of a key whose response could not be kept do not wait for each other.
    private static final Duration PASS = Duration.ofSeconds(10);

    private static final int PASSES_MAX = 10_000;
    /// Excerpts come as slowly as their clients take them, and are not to stop the fills: they have so many times less,
    /// besides.
    private static final int EXCERPTS_PART = 4;

    private final ConcurrentHashMap<String, Fill> fills = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Set<Excerpt>> excerpts = new ConcurrentHashMap<>();
    private final Cache<String, Boolean> passes = Caffeine.newBuilder()
            .maximumSize(PASSES_MAX)
            .expireAfterWrite(PASS)
            .executor(Runnable::run)
            .build();
    private final Room forFills;
    private final Room forExcerpts;

    /// The bodies of fills may have so much while they come and are meant to be kept.
    Underway(long bytesMax) {
        this.forFills = new Room(bytesMax);
        this.forExcerpts = new Room(bytesMax / EXCERPTS_PART);
    }

    Room forFills() {
        return forFills;
    }

    Room forExcerpts() {
        return forExcerpts;
    }

    int fills() {
        return fills.size();
    }

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

    /// Does it if this fill is still that of its key: in one step with [#forget].
    @SuppressWarnings("ReferenceEquality") // A fill is itself only.
    void ifHere(String key, Fill fill, Runnable act) {
        fills.computeIfPresent(key, (_, under) -> {
            if (under == fill) {
                act.run();
            }
            return under;
        });
    }

    void begin(String key, Excerpt excerpt) {
        excerpts.compute(key, (_, others) -> {
            Set<Excerpt> all = others == null ? ConcurrentHashMap.newKeySet(1) : others;
            all.add(excerpt);
            return all;
        });
    }

    void over(String key, Excerpt excerpt) {
        excerpts.computeIfPresent(key, (_, all) -> {
            all.remove(excerpt);
            return all.isEmpty() ? null : all;
        });
    }

    boolean isHere(String key, Excerpt excerpt) {
        Set<Excerpt> all = excerpts.get(key);
        return all != null && all.contains(excerpt);
    }

    /// Does it if this excerpt is still here: in one step with [#forget].
    void ifHere(String key, Excerpt excerpt, Runnable act) {
        excerpts.computeIfPresent(key, (_, all) -> {
            if (all.contains(excerpt)) {
                act.run();
            }
            return all;
        });
    }

    void forget(String key) {
        fills.remove(key);
        excerpts.remove(key);
    }

    /// What tags a response under way will have is not known yet.
    void forget(Purge purge) {
        fills.keySet().removeIf(purge::isAbout);
        excerpts.keySet().removeIf(purge::isAbout);
    }

    /// Whether the last response of the key could not be kept: nobody waits for the next one.
    boolean isPassed(String key) {
        return Objects.requireNonNullElse(passes.getIfPresent(key), false);
    }

    void pass(String key) {
        passes.put(key, true);
    }
}
