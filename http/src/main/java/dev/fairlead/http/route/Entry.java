package dev.fairlead.http.route;

import dev.fairlead.config.Alternative;
import dev.fairlead.config.Condition;
import dev.fairlead.config.Specificity;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A route as it stands in the table by one of its alternatives.
final class Entry implements Comparable<Entry> {
    private static final Criterion[] NONE = {};

    private final Route route;
    private final int priority;
    private final int number;
    private final Specificity specificity;
    private final List<Condition> conditions;
    /// One for each condition.
    private final Criterion[] criteria;
    /// What is still to be asked once host and path have led here.
    private final Criterion[] rest;
    private final Wanted[] wanted;

    /// `number`: the route's place in the file.
    Entry(Route route, int priority, int number, Alternative alternative) {
        this.route = route;
        this.priority = priority;
        this.number = number;
        this.specificity = Specificity.of(alternative);
        this.conditions = alternative.conditions();
        this.criteria = new Criterion[conditions.size()];
        List<Criterion> asked = new ArrayList<>();
        List<Wanted> offers = new ArrayList<>();
        for (int i = 0; i < criteria.length; i++) {
            Condition condition = conditions.get(i);
            Criterion criterion = Criterion.of(condition);
            criteria[i] = criterion;
            if (criterion instanceof Wanted offer) {
                offers.add(offer);
            } else if (!isKey(condition)) {
                asked.add(criterion);
            }
        }
        this.rest = asked.isEmpty() ? NONE : asked.toArray(Criterion[]::new);
        this.wanted = offers.toArray(Wanted[]::new);
    }

    Route route() {
        return route;
    }

    int priority() {
        return priority;
    }

    Specificity specificity() {
        return specificity;
    }

    List<Condition> conditions() {
        return conditions;
    }

    /// Whether the table itself asks it, by where the entry stands.
    private boolean isKey(Condition condition) {
        boolean isAsked = condition instanceof Condition.HostRegex || condition instanceof Condition.PathRegex;
        return !isAsked && (condition.equals(specificity.host()) || condition.equals(specificity.path()));
    }

    boolean offersMedia() {
        return wanted.length > 0;
    }

    /// Whether a request of its host and path fits, but for what the client accepts.
    boolean fits(RequestHead request, Client client) {
        return Criterion.all(rest, request, client);
    }

    /// The only host, in lower case, whose requests it takes; null when there may be several.
    @Nullable
    String host() {
        return specificity.host() instanceof Condition.Host host && !host.isWildcard()
                ? new String(HostCriterion.key(host), StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT)
                : null;
    }

    /// Whether host and path fit, whatever method and fields are.
    boolean isOfTarget(RequestHead request, Client client) {
        for (int i = 0; i < criteria.length; i++) {
            boolean isAsked = criteria[i] instanceof HostCriterion || criteria[i] instanceof PathCriterion;
            if (isAsked && !criteria[i].holds(request, client)) {
                return false;
            }
        }
        return true;
    }

    /// How much the client wants what the route has; [Accept#UNWANTED] when it excludes that. In steps of two: the odd
    /// numbers are for routes that do not say what they have, and clients that do not say what they want.
    int wish(Fields fields) {
        if (wanted.length == 0) {
            // It stays a route for everybody, also for those who want nothing.
            int wish = Wanted.ANYTHING.wish(fields);
            return 2 * wish + (Accept.isNamed(wish) ? 0 : 1);
        }
        int least = Integer.MAX_VALUE;
        for (Wanted each : wanted) {
            least = Math.min(least, each.wish(fields));
        }
        return 2 * least;
    }

    /// The first condition that does not hold; null when all do.
    @Nullable
    Condition failing(RequestHead request, Client client) {
        for (int i = 0; i < criteria.length; i++) {
            if (!criteria[i].holds(request, client)) {
                return conditions.get(i);
            }
        }
        return null;
    }

    /// In the order of docs/routing.md.
    @Override
    public int compareTo(Entry other) {
        int byPriority = Integer.compare(other.priority, priority);
        int bySpecificity = byPriority == 0 ? specificity.compareTo(other.specificity) : byPriority;
        return bySpecificity == 0 ? Integer.compare(number, other.number) : bySpecificity;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
