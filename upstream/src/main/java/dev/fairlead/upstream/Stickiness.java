package dev.fairlead.upstream;

import dev.fairlead.config.SourceTableSpec;
import dev.fairlead.config.StickySpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.sticky.SigningKeys;
import dev.fairlead.upstream.sticky.SourceTable;
import dev.fairlead.upstream.sticky.Tokens;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who belongs where in one upstream: what a client brings along, or a table of addresses.
final class Stickiness {
    /// The whole table is swept in this many ticks, so that a large one stops no tick for long.
    private static final int SWEEP_PARTS = 16;

    // immutable
    private final String upstream;
    private final Counter hits;
    private final Counter misses;
    private final Counter evictions;

    // written by the control thread, read by any
    private volatile @Nullable Tokens<Endpoint> tokens;
    private volatile @Nullable SourceTable<Endpoint> table;
    private volatile long idleNanos;

    // control thread
    private SigningKeys keys;
    private @Nullable SigningKeys tokensKeys;
    private List<Endpoint> tokensEndpoints = List.of();

    Stickiness(String upstream, Metrics metrics, SigningKeys keys) {
        this.upstream = upstream;
        this.keys = keys;
        this.hits = metrics.counter(Metric.UPSTREAM_STICKY_HITS, upstream);
        this.misses = metrics.counter(Metric.UPSTREAM_STICKY_MISSES, upstream);
        metrics.gauge(Metric.UPSTREAM_STICKY_SOURCES, this::sources, upstream);
        this.evictions = metrics.counter(Metric.UPSTREAM_STICKY_EVICTIONS, upstream);
    }

    private double sources() {
        SourceTable<Endpoint> now = table;
        return now == null ? 0 : now.size();
    }

    /// The values that clients bring along, or null when they bring none.
    @Nullable
    Tokens<Endpoint> tokens() {
        return tokens;
    }

    /// The endpoint that the client had, or null; it may be of no use any more.
    @Nullable
    Endpoint known(Choice choice, long nowNanos) {
        Endpoint brought = choice.stuckTo();
        SourceTable<Endpoint> now = table;
        return brought != null || now == null
                ? brought
                : now.get(choice.hash(HashKey.SOURCE_ADDRESS), nowNanos, idleNanos);
    }

    void followed() {
        hits.increment();
    }

    void missed() {
        misses.increment();
    }

    void remember(Choice choice, Endpoint endpoint, long nowNanos) {
        SourceTable<Endpoint> now = table;
        if (now != null) {
            now.put(choice.hash(HashKey.SOURCE_ADDRESS), endpoint, nowNanos);
        }
    }

    /// Control thread. Values are only made anew when something they are made of has changed.
    void update(@Nullable StickySpec spec, List<Endpoint> endpoints) {
        if (spec == null || !spec.isSigned()) {
            tokens = null;
            tokensKeys = null;
            tokensEndpoints = List.of();
        } else if (tokensKeys == null || !tokensKeys.equals(keys) || !tokensEndpoints.equals(endpoints)) {
            tokens = new Tokens<>(keys, upstream, endpoints, Endpoint::name);
            tokensKeys = keys;
            tokensEndpoints = List.copyOf(endpoints);
        }
        table(spec == null ? null : spec.sourceAddress());
    }

    private void table(@Nullable SourceTableSpec spec) {
        SourceTable<Endpoint> before = table;
        if (spec == null) {
            table = null;
            return;
        }
        idleNanos = spec.idle().toNanos();
        if (before == null) {
            table = new SourceTable<>(spec.entriesMax(), evictions);
        } else if (before.entriesMax() != spec.entriesMax()) {
            table = before.resized(spec.entriesMax());
        }
    }

    /// Control thread.
    void keys(SigningKeys newKeys) {
        keys = newKeys;
    }

    /// Control thread.
    void tick(long nowNanos) {
        SourceTable<Endpoint> now = table;
        if (now != null) {
            now.sweep(now.entriesMax() / (SWEEP_PARTS / 4) + 1, nowNanos, idleNanos);
        }
    }
}
