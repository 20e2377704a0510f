package dev.fairlead.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Routes that no request gets to, since each one that fits them is taken by one that is asked before. It sees
/// equal conditions, and conditions that take in others as [Subsumption] can tell: in routes of a higher priority,
/// and among those of one priority, host and path.
final class Shadows {
    /// Comparisons between routes of different priority; they are some microseconds each, and a check of ten
    /// thousand routes must not take minutes. Beyond, only equal conditions are found.
    private static final int COMPARISONS_MAX = 2_000_000;

    private final List<RouteSpec> routes;
    private final List<Entry> entries = new ArrayList<>();
    private int comparisons;

    /// A route by one of its alternatives.
    private record Entry(int route, int priority, Alternative alternative, Specificity specificity) {
        Place place() {
            return new Place(priority, specificity.host(), specificity.path());
        }
    }

    private record Place(
            int priority,
            @Nullable Condition host,
            @Nullable Condition path) {}

    Shadows(List<RouteSpec> routes) {
        this.routes = routes;
        for (int i = 0; i < routes.size(); i++) {
            for (Alternative alternative : Alternative.of(routes.get(i).match())) {
                entries.add(new Entry(i, routes.get(i).priority(), alternative, Specificity.of(alternative)));
            }
        }
        entries.sort(Comparator.comparingInt((Entry each) -> -each.priority)
                .thenComparing(Entry::specificity)
                .thenComparingInt(Entry::route));
    }

    /// The number of each route that no request gets to, with that of one which comes before it.
    Map<Integer, Integer> find() {
        Map<Integer, Integer> by = new HashMap<>();
        Set<Integer> reached = new HashSet<>();
        Map<Set<Condition>, Entry> equal = new HashMap<>();
        Map<Place, List<Entry>> beside = new HashMap<>();
        List<Entry> above = new ArrayList<>();
        int asked = 0;
        for (Entry entry : entries) {
            while (entries.get(asked).priority > entry.priority) {
                above.add(entries.get(asked++));
            }
            List<Entry> same = beside.computeIfAbsent(entry.place(), _ -> new ArrayList<>());
            Entry first = equal.putIfAbsent(Set.copyOf(entry.alternative.conditions()), entry);
            Entry before = first == null ? before(entry, same, above) : first;
            if (before == null || before.route == entry.route) {
                reached.add(entry.route);
            } else {
                by.putIfAbsent(entry.route, before.route);
            }
            same.add(entry);
        }
        Map<Integer, Integer> shadowed = new LinkedHashMap<>();
        for (int i = 0; i < routes.size(); i++) {
            Integer first = by.get(i);
            if (first != null && !reached.contains(i)) {
                shadowed.put(i, first);
            }
        }
        return shadowed;
    }

    private @Nullable Entry before(Entry entry, List<Entry> same, List<Entry> above) {
        for (List<Entry> some : List.of(above, same)) {
            for (Entry other : some) {
                if (++comparisons > COMPARISONS_MAX) {
                    return null;
                }
                if (Subsumption.takesIn(other.alternative, entry.alternative)) {
                    return other;
                }
            }
        }
        return null;
    }

    /// The first route that takes every request, or -1.
    int catchAll() {
        return entries.stream()
                .filter(each -> each.alternative.conditions().isEmpty())
                .mapToInt(Entry::route)
                .findFirst()
                .orElse(-1);
    }
}
