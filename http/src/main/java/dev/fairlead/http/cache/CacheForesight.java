package dev.fairlead.http.cache;

import dev.fairlead.config.CacheSpec;
import dev.fairlead.http.explain.Explanation.Caching;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.upstream.Upstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a route's cache would do with a request, without its being done or counted. Any thread.
public final class CacheForesight {
    private CacheForesight() {}

    /// `upstream`: null when a split decides only then. `cache`: null when nothing runs.
    public static Caching of(
            RequestHead request, RouteCache terms, @Nullable Upstream upstream, @Nullable Cache cache) {
        RouteCache.strip(request.fields());
        String key = terms.key(request, upstream == null ? "?" : upstream.name());
        Plan past = Plan.past(request, terms);
        if (past != null) {
            return told(terms, key, Plan.Act.PASS, reason(past.why()));
        }
        if (cache == null) {
            return told(terms, key, Plan.Act.ASK, "unless it is kept, which only the running process knows");
        }
        if (upstream == null) {
            return told(terms, key, Plan.Act.ASK, "unless it is kept of the upstream that the split then chooses");
        }
        long now = CacheLane.nowSeconds();
        Entry known = cache.look(key, request.fields());
        CacheControl asked = CacheLane.asked(request.fields());
        boolean isPassed = known == null && cache.underway().isPassed(key);
        Plan plan = Plan.of(request, asked, known, isPassed, now);
        return told(terms, key, plan.act(), why(plan, known, isPassed, now));
    }

    private static Caching told(RouteCache terms, String key, Plan.Act act, String why) {
        List<String> parts = new ArrayList<>(List.of("host " + Key.host(key), "target " + Key.target(key)));
        if (Key.seen(key).indexOf(',') >= 0) {
            parts.add("what a trusted proxy says " + Key.seen(key));
        }
        int chosen = key.indexOf('\n');
        if (chosen >= 0) {
            parts.addAll(named(terms.spec(), key.substring(chosen + 1).split("\n", -1)));
        }
        return new Caching(
                Key.host(key),
                Key.target(key),
                parts,
                rules(terms.spec()),
                act.name().toLowerCase(Locale.ROOT),
                why);
    }

    private static List<String> named(CacheSpec spec, String[] values) {
        List<String> names = new ArrayList<>();
        if (QueryKey.isMade(spec)) {
            String left = spec.keyQueryIgnore().isEmpty() ? "" : " without " + spec.keyQueryIgnore();
            names.add("query" + (spec.keyQuery().isEmpty() ? left : " " + spec.keyQuery()));
        }
        spec.keyHeaders().forEach(name -> names.add("field " + name));
        spec.keyCookies().forEach(name -> names.add("cookie " + name));
        List<String> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            // Behind the mark that tells an empty one from none.
            all.add(names.get(i) + (values[i].length() > 1 ? ": " + values[i].substring(1) : ": none"));
        }
        return all;
    }

    private static String why(Plan plan, @Nullable Entry known, boolean isPassed, long now) {
        String kept = known == null ? "nothing is kept" : parts(known) + kept(known.freshness(), now);
        return switch (plan.act()) {
            case HIT -> kept;
            case STALE -> kept + ", used while it is asked for again";
            case REFUSE -> "answered 504: " + kept + ", and the request says only-if-cached";
            case ASK ->
                known == null
                        ? kept + "; the answer is, if it allows it"
                        : kept
                                + (known.parts() == null ? ", asked for again" : ", the rest is asked for")
                                + (known.hasValidator() ? " with its validator" : "");
            case PASS -> kept + "; " + (isPassed ? "the last answer could not be kept" : reason(plan.why()));
        };
    }

    private static String parts(Entry known) {
        PartialBody parts = known.parts();
        return parts == null ? "" : parts.held() + " of " + parts.size() + " bytes are kept, ";
    }

    private static String kept(Freshness freshness, long now) {
        long left = freshness.left(now);
        return (left > 0 ? "fresh for " + left + " s" : "stale since " + -left + " s") + ", age " + freshness.age(now)
                + " s";
    }

    private static String reason(String why) {
        return switch (why) {
            case "method" -> "only GET and HEAD are answered from the cache";
            case "bypass" -> "it has a cookie or a field that bypasses the cache";
            case "miss" -> "HEAD and parts are asked for by themselves";
            case "partial" -> "not the part that it asks for";
            default -> "its own fields, or its body, ask for it";
        };
    }

    private static List<String> rules(CacheSpec spec) {
        return List.of(
                "fresh: as the answer says, at most " + text(spec.ttlMax()) + "; by guess at most "
                        + text(spec.heuristicMax()) + "; else " + text(spec.defaultTtl()),
                "stale: " + text(spec.staleWhileRevalidate()) + " while it is asked for again, "
                        + text(spec.staleIfError()) + " when that fails, unless the answer says",
                "bodies of at most " + spec.objectMax() + " bytes"
                        + (spec.statuses().isEmpty() ? "" : ", with a status of " + statuses(spec)));
    }

    private static String statuses(CacheSpec spec) {
        return spec.statuses().stream()
                .map(each -> each.first() == each.last() ? "" + each.first() : each.first() + "-" + each.last())
                .collect(Collectors.joining(", "));
    }

    private static String text(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
