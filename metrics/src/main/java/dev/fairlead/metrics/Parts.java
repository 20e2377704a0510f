package dev.fairlead.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The subjects that are one kind of part of another, by name. They are put in order for whoever reads all of them: a
/// hundred thousand endpoints come at once, and the page is asked for later. Any thread.
final class Parts {
    private final Map<String, Subject> byName = new ConcurrentHashMap<>();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile Ordered ordered = Ordered.NONE;

    /// What was there when there had been so many changes, or more than that.
    private record Ordered(int changes, List<Subject> all) {
        private static final Ordered NONE = new Ordered(0, List.of());
    }

    @Nullable
    Subject known(String name) {
        return byName.get(name);
    }

    /// The one that has the name: this one, unless another was there.
    Subject put(String name, Subject fresh) {
        Subject first = byName.putIfAbsent(name, fresh);
        changes.getAndIncrement();
        return first == null ? fresh : first;
    }

    void remove(String name) {
        byName.remove(name);
        changes.getAndIncrement();
        // Nobody may ever read them again.
        ordered = Ordered.NONE;
    }

    /// Those that are there now, by name.
    List<Subject> all() {
        Ordered seen = ordered;
        int now = changes.get();
        if (seen.changes != now) {
            seen = new Ordered(
                    now,
                    byName.values().stream()
                            .sorted(Comparator.comparing(Subject::name))
                            .toList());
            ordered = seen;
        }
        return seen.all;
    }
}
