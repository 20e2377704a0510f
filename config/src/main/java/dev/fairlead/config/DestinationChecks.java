package dev.fairlead.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/// Whether the places that a route leads to are there and fit together. Problems are told by their path.
final class DestinationChecks {
    private final RouteSpec route;
    private final String path;
    private final BiConsumer<String, String> reference;
    private final BiConsumer<String, String> error;

    /// `reference` takes the name of an upstream and the path where it stands, `error` a path and a message.
    DestinationChecks(
            RouteSpec route, String path, BiConsumer<String, String> reference, BiConsumer<String, String> error) {
        this.route = route;
        this.path = path;
        this.reference = reference;
        this.error = error;
    }

    void run() {
        if (route.upstream() != null) {
            reference.accept(route.upstream(), path + "/upstream");
        }
        split();
        MirrorSpec mirror = route.mirror();
        if (mirror != null) {
            reference.accept(mirror.upstream(), path + "/mirror/upstream");
        }
    }

    private void split() {
        HashKeySpec by = route.splitBy();
        if (by != null) {
            List<String> given = new ArrayList<>(by.given());
            if (route.split().isEmpty()) {
                error.accept(path + "/split-by", "there is no `split` that it could decide");
            } else if (given.isEmpty()) {
                error.accept(path + "/split-by", "the key is empty: name a `cookie`, a `header` or a `query`");
            } else if (given.size() > 1) {
                error.accept(path + "/split-by", Nearest.list(given, "and") + " exclude each other: keep one");
            }
        }
        if (route.split().isEmpty()) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < route.split().size(); i++) {
            String upstream = route.split().get(i).upstream();
            reference.accept(upstream, path + "/split/" + i + "/upstream");
            if (!seen.add(upstream)) {
                error.accept(
                        path + "/split/" + i + "/upstream",
                        "`" + upstream + "` has a share already: give that one the whole weight");
            }
        }
        if (route.split().stream().allMatch(each -> each.weight() == 0)) {
            error.accept(path + "/split", "every share has weight 0: none would take traffic");
        }
    }
}
