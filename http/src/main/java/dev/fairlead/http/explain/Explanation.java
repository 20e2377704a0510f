package dev.fairlead.http.explain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What becomes of a request on a listener, and why. `client` is whoever is believed to ask. `routes` are in the order
/// in which they are asked. `route` is the one that takes the request: null when none does, empty for the listener's
/// `upstream`. `answer` is what Fairlead says by itself; null when the request is forwarded, and then `request` is the
/// head that an endpoint gets, and `targets` are the upstreams that it may go to. `caching` is null when nothing of the
/// route is kept.
public record Explanation(
        String listener,
        String client,
        List<Seen> routes,
        @Nullable String route,
        @Nullable Answer answer,
        List<String> request,
        List<String> responseFields,
        List<Target> targets,
        @Nullable Caching caching) {
    public Explanation {
        routes = List.copyOf(routes);
        request = List.copyOf(request);
        responseFields = List.copyOf(responseFields);
        targets = List.copyOf(targets);
    }

    /// How one route sees the request, by one of the ways to fit it. `failed` is the first condition that does not
    /// hold; null when all do.
    public record Seen(
            String route,
            int priority,
            List<String> conditions,
            @Nullable String failed,
            boolean isWinner) {
        public Seen {
            conditions = List.copyOf(conditions);
        }
    }

    /// A response of Fairlead's own. `reason` is empty when a route is there to give it.
    public record Answer(int status, List<String> fields, String reason) {
        public Answer {
            fields = List.copyOf(fields);
        }
    }

    /// An upstream that the request may go to. `weight` is its share of a split; 0: there is no split. `isChosen`:
    /// this one for certain.
    public record Target(
            String upstream,
            int weight,
            boolean isChosen,
            String balancer,
            String breaker,
            boolean isPanicking,
            boolean isSticky,
            List<Place> endpoints) {
        public Target {
            endpoints = List.copyOf(endpoints);
        }

        /// Those that the balancer would take one of now.
        public List<String> candidates() {
            return endpoints.stream()
                    .filter(Place::isCandidate)
                    .map(Place::endpoint)
                    .toList();
        }
    }

    /// An endpoint as it is now. `host` is what it is asked for where the request does not say.
    public record Place(String endpoint, int weight, String health, String state, boolean isCandidate, String host) {}

    /// What the cache does for the request. `key` is under what its response is kept: host, target and what the
    /// route has chosen besides. `rules` are what the route says of keeping. `act` is hit, stale, ask, pass or
    /// refuse, and `why` the reason; of a config that does not run, nobody knows what is kept.
    public record Caching(String host, String target, List<String> key, List<String> rules, String act, String why) {
        public Caching {
            key = List.copyOf(key);
            rules = List.copyOf(rules);
        }
    }

    /// The upstream that takes the request for certain, or null.
    public @Nullable Target chosen() {
        return targets.stream().filter(Target::isChosen).findFirst().orElse(null);
    }
}
