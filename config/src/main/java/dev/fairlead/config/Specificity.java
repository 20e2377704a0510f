package dev.fairlead.config;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How narrow an alternative is: the order in which routes of one priority are asked, the narrower first. What is
/// wanted of the host decides before what is wanted of the path, and that before all else; docs/routing.md has the
/// whole order.
public final class Specificity implements Comparable<Specificity> {
    private static final int V6_BITS = 128;

    /// The kind of what is no condition on the host, or on the path.
    private static final int NONE = 9;

    private final @Nullable Condition host;
    private final @Nullable Condition path;
    private final long[] keys;

    private Specificity(@Nullable Condition host, @Nullable Condition path, long[] keys) {
        this.host = host;
        this.path = path;
        this.keys = keys;
    }

    public static Specificity of(Alternative alternative) {
        Condition host = narrowest(alternative.conditions(), true);
        Condition path = narrowest(alternative.conditions(), false);
        List<Condition> rest = alternative.conditions().stream()
                .filter(each -> !each.equals(host) && !each.equals(path))
                .toList();
        long[] keys = {
            hostKind(host),
            -hostLength(host),
            pathKind(path),
            pathDetail(path),
            -rest.size(),
            -count(rest, Condition.Method.class),
            -count(rest, Condition.Client.class),
            -count(rest, Condition.Header.class),
            -count(rest, Condition.Cookie.class),
            -count(rest, Condition.Query.class),
            -count(rest, Condition.ContentType.class),
            -count(rest, Condition.Accept.class),
            -count(rest, Condition.ClientSubject.class),
            -count(rest, Condition.ServerName.class),
            -rest.stream().mapToLong(Specificity::narrowness).sum(),
            -rest.stream().mapToLong(Specificity::clientBits).sum(),
            -rest.stream().mapToLong(Specificity::precision).sum(),
        };
        return new Specificity(host, path, keys);
    }

    /// The condition on the host by which the route is found, the narrowest one; null when any host will do.
    public @Nullable Condition host() {
        return host;
    }

    /// The condition on the path by which the route is found; null when any path will do.
    public @Nullable Condition path() {
        return path;
    }

    /// Less is narrower.
    @Override
    public int compareTo(Specificity other) {
        return Arrays.compare(keys, other.keys);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Specificity that && Arrays.equals(keys, that.keys);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(keys);
    }

    private static @Nullable Condition narrowest(List<Condition> conditions, boolean host) {
        Condition best = null;
        for (Condition each : conditions) {
            int kind = host ? hostKind(each) : pathKind(each);
            if (kind == NONE) {
                continue;
            }
            boolean narrower = best == null || Arrays.compare(place(each, host), place(best, host)) < 0;
            best = narrower ? each : best;
        }
        return best;
    }

    private static long[] place(Condition condition, boolean host) {
        return host
                ? new long[] {hostKind(condition), -hostLength(condition)}
                : new long[] {pathKind(condition), pathDetail(condition)};
    }

    private static int hostKind(@Nullable Condition condition) {
        return switch (condition) {
            case Condition.Host host -> host.isWildcard() ? 1 : 0;
            case Condition.HostRegex _ -> 2;
            case null, default -> NONE;
        };
    }

    private static long hostLength(@Nullable Condition condition) {
        return condition instanceof Condition.Host host && host.isWildcard()
                ? host.pattern().length()
                : 0;
    }

    private static int pathKind(@Nullable Condition condition) {
        return switch (condition) {
            case Condition.Path _ -> 0;
            case Condition.PathTemplate _ -> 1;
            case Condition.PathPrefix _ -> 2;
            case Condition.PathRegex _ -> 3;
            case null, default -> NONE;
        };
    }

    /// Of prefixes the longer first; of templates the one with a fixed segment where the other has a variable, from
    /// the left.
    private static long pathDetail(@Nullable Condition condition) {
        return switch (condition) {
            case Condition.PathPrefix prefix -> -prefix.prefix().length();
            case Condition.PathTemplate template -> {
                long shape = 1;
                for (String segment : template.segments()) {
                    shape = shape * 2 + (Condition.PathTemplate.isVariable(segment) ? 1 : 0);
                }
                yield shape;
            }
            case null, default -> 0;
        };
    }

    private static long count(List<Condition> conditions, Class<? extends Condition> kind) {
        return conditions.stream().filter(kind::isInstance).count();
    }

    private static long narrowness(Condition condition) {
        Condition.Value value = switch (condition) {
            case Condition.Header header -> header.value();
            case Condition.Cookie cookie -> cookie.value();
            case Condition.Query query -> query.value();
            default -> new Condition.Value.Present();
        };
        return switch (value) {
            case Condition.Value.Exact _ -> 3;
            case Condition.Value.Prefix _ -> 2;
            case Condition.Value.Regex _ -> 1;
            case Condition.Value.Present _, Condition.Value.Absent _ -> 0;
        };
    }

    /// Of the widest block; IPv4 counts as the part of IPv6 that it is.
    private static long clientBits(Condition condition) {
        return condition instanceof Condition.Client client
                ? client.blocks().stream()
                        .mapToLong(each ->
                                each.length() + V6_BITS - 8L * each.network().getAddress().length)
                        .min()
                        .orElse(0)
                : 0;
    }

    /// Of the widest media range.
    private static long precision(Condition condition) {
        List<MediaRange> ranges = switch (condition) {
            case Condition.ContentType type -> type.ranges();
            case Condition.Accept accept -> accept.offers();
            default -> List.of();
        };
        return ranges.stream().mapToLong(MediaRange::precision).min().orElse(0);
    }
}
