package dev.fairlead.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Conditions that all have to hold: one of the ways in which a request may fit a [MatchSpec]. `any` makes several
/// of one match, `all` adds to each.
public record Alternative(List<Condition> conditions) {
    /// A route stands in the table once for each alternative.
    static final int ALTERNATIVES_MAX = 64;

    public Alternative {
        conditions = conditions.stream().distinct().toList();
    }

    /// Every way in which a request may fit.
    public static List<Alternative> of(MatchSpec match) {
        List<Alternative> alternatives = List.of(new Alternative(own(match)));
        for (MatchSpec member : match.all()) {
            alternatives = both(alternatives, of(member));
        }
        if (!match.any().isEmpty()) {
            List<Alternative> members = new ArrayList<>();
            match.any().forEach(member -> members.addAll(of(member)));
            alternatives = both(alternatives, members);
        }
        return alternatives;
    }

    /// How many alternatives a match has; above the most that are allowed it only says so.
    static long count(MatchSpec match) {
        long count = 1;
        for (MatchSpec member : match.all()) {
            count = Math.min(count * count(member), ALTERNATIVES_MAX + 1L);
        }
        long members = match.any().stream().mapToLong(Alternative::count).sum();
        return Math.min(match.any().isEmpty() ? count : count * members, ALTERNATIVES_MAX + 1L);
    }

    private static List<Alternative> both(List<Alternative> some, List<Alternative> others) {
        List<Alternative> both = new ArrayList<>();
        for (Alternative one : some) {
            for (Alternative other : others) {
                List<Condition> conditions = new ArrayList<>(one.conditions);
                conditions.addAll(other.conditions);
                both.add(new Alternative(conditions));
            }
        }
        return both;
    }

    private static List<Condition> own(MatchSpec match) {
        List<Condition> own = new ArrayList<>();
        if (match.host() != null) {
            own.add(new Condition.Host(match.host()));
        }
        if (match.hostRegex() != null) {
            own.add(new Condition.HostRegex(match.hostRegex()));
        }
        if (match.path() != null) {
            own.add(new Condition.Path(match.path()));
        }
        if (match.pathTemplate() != null) {
            own.add(new Condition.PathTemplate(match.pathTemplate()));
        }
        if (match.pathPrefix() != null) {
            own.add(new Condition.PathPrefix(match.pathPrefix()));
        }
        if (match.pathRegex() != null) {
            own.add(new Condition.PathRegex(match.pathRegex()));
        }
        if (!match.method().isEmpty()) {
            own.add(new Condition.Method(match.method()));
        }
        if (!match.client().isEmpty()) {
            own.add(new Condition.Client(match.client()));
        }
        match.headers().values().forEach(each -> own.add(new Condition.Header(each.name(), Condition.Value.of(each))));
        match.cookies().values().forEach(each -> own.add(new Condition.Cookie(each.name(), Condition.Value.of(each))));
        match.query().values().forEach(each -> own.add(new Condition.Query(each.name(), Condition.Value.of(each))));
        if (!match.contentType().isEmpty()) {
            own.add(new Condition.ContentType(match.contentType()));
        }
        if (!match.sni().isEmpty()) {
            own.add(new Condition.ServerName(match.sni()));
        }
        if (match.clientSubject() != null) {
            own.add(new Condition.ClientSubject(match.clientSubject()));
        }
        if (match.not() != null) {
            own.add(new Condition.Not(of(match.not())));
        }
        if (!match.accept().isEmpty()) {
            own.add(new Condition.Accept(match.accept()));
        }
        return own;
    }

    @Override
    public String toString() {
        return conditions.isEmpty()
                ? "everything"
                : conditions.stream().map(Condition::toString).collect(Collectors.joining(", "));
    }
}
