package dev.fairlead.http.route;

import dev.fairlead.http.cache.RouteCache;
import dev.fairlead.http.filter.RouteActions;
import dev.fairlead.http.forward.Destination;
import org.jspecify.annotations.Nullable;

/// Where a request goes, and what is done to it on the way: `destination` is null when `actions` answer by
/// themselves, `actions` when it is only forwarded, `cache` when nothing is kept. The name is for logs.
public record Route(
        String name,
        @Nullable Destination destination,
        @Nullable RouteActions actions,
        @Nullable RouteCache cache) {
    /// Only forwarded.
    public Route(String name, Destination destination) {
        this(name, destination, null, null);
    }
}
