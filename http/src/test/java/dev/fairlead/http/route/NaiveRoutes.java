package dev.fairlead.http.route;

import dev.fairlead.config.Cidr;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.MediaRange;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.config.ValueSpec;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// docs/routing.md as one would write it down: every route is asked, with strings and lists, and those that fit are
/// sorted. It shares nothing with the table but the records of the config.
final class NaiveRoutes {
    private static final Map<String, Pattern> PATTERNS = new HashMap<>();

    private final List<RouteSpec> routes;
    private final List<List<List<MatchSpec>>> ways;

    NaiveRoutes(List<RouteSpec> routes) {
        this.routes = routes;
        this.ways = routes.stream().map(each -> ways(each.match())).toList();
    }

    private static boolean matches(String text, String regex) {
        return PATTERNS.computeIfAbsent(regex, Pattern::compile).matcher(text).matches();
    }

    /// A route that fits, by one of the ways in which it does: the keys of the order, each less for what comes first.
    private record Fit(String name, List<Long> keys) {}

    String match(Asked asked) {
        List<Fit> fits = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            RouteSpec route = routes.get(i);
            for (List<MatchSpec> way : ways.get(i)) {
                if (way.stream().allMatch(each -> fitsItself(each, asked))) {
                    List<Long> keys = new ArrayList<>();
                    keys.add(-(long) route.priority());
                    keys.addAll(keys(way, asked));
                    keys.add((long) i);
                    fits.add(new Fit(route.name(), keys));
                }
            }
        }
        return fits.stream()
                .min(Comparator.comparing(Fit::keys, (a, b) -> Arrays.compare(longs(a), longs(b))))
                .map(Fit::name)
                .orElse(null);
    }

    private static long[] longs(List<Long> keys) {
        return keys.stream().mapToLong(Long::longValue).toArray();
    }

    /// Sets of matches, without their `all` and `any`, of which all have to hold.
    private static List<List<MatchSpec>> ways(MatchSpec match) {
        List<List<MatchSpec>> ways = List.of(List.of(match));
        for (MatchSpec member : match.all()) {
            ways = product(ways, ways(member));
        }
        return match.any().isEmpty()
                ? ways
                : product(
                        ways,
                        match.any().stream()
                                .flatMap(each -> ways(each).stream())
                                .toList());
    }

    private static List<List<MatchSpec>> product(List<List<MatchSpec>> some, List<List<MatchSpec>> others) {
        return some.stream()
                .flatMap(one -> others.stream()
                        .map(other ->
                                Stream.concat(one.stream(), other.stream()).toList()))
                .toList();
    }

    private static boolean fits(MatchSpec match, Asked asked) {
        return fitsItself(match, asked)
                && match.all().stream().allMatch(each -> fits(each, asked))
                && (match.any().isEmpty() || match.any().stream().anyMatch(each -> fits(each, asked)));
    }

    private static boolean fitsItself(MatchSpec match, Asked asked) {
        String host = asked.host().toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
        String path = asked.path();
        return (match.host() == null || isHost(match.host(), host))
                && (match.hostRegex() == null || matches(host, match.hostRegex()))
                && (match.path() == null || path.equals(match.path()))
                && (match.pathPrefix() == null || (path + "/").startsWith(match.pathPrefix() + "/"))
                && (match.pathTemplate() == null
                        || matches(path, match.pathTemplate().replaceAll("\\{[a-z]+}", "[^/]+")))
                && (match.pathRegex() == null || matches(path, match.pathRegex()))
                && (match.method().isEmpty() || match.method().contains(asked.method()))
                && (match.client().isEmpty() || match.client().stream().anyMatch(each -> has(each, asked.client())))
                && haveValues(match.headers(), name -> fields(asked, name))
                && haveValues(match.cookies(), name -> pairs(fields(asked, "cookie"), "; ", name))
                && haveValues(match.query(), name -> pairs(query(asked), "&", name))
                && (match.contentType().isEmpty() || isContentType(match.contentType(), asked))
                && (match.accept().isEmpty() || wish(match.accept(), asked) > 0)
                && (match.not() == null || !fits(match.not(), asked));
    }

    private static boolean isHost(String pattern, String host) {
        return pattern.startsWith("*.") ? host.endsWith(pattern.substring(1)) : host.equals(pattern);
    }

    private static boolean has(Cidr block, String client) {
        try {
            byte[] address = InetAddress.getByName(client).getAddress();
            byte[] network = block.network().getAddress();
            int shift = network.length * 8 - block.length();
            return address.length == network.length
                    && new BigInteger(1, address)
                            .shiftRight(shift)
                            .equals(new BigInteger(1, network).shiftRight(shift));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(client, e);
        }
    }

    private interface Values {
        List<String> of(String name);
    }

    private static boolean haveValues(Map<String, ValueSpec> wanted, Values values) {
        return wanted.entrySet().stream().allMatch(each -> {
            ValueSpec spec = each.getValue();
            List<String> there = values.of(each.getKey());
            if (Boolean.FALSE.equals(spec.present())) {
                return there.isEmpty();
            }
            return there.stream()
                    .anyMatch(value -> (spec.value() == null || value.equals(spec.value()))
                            && (spec.prefix() == null || value.startsWith(spec.prefix()))
                            && (spec.regex() == null || matches(value, spec.regex())));
        });
    }

    private static List<String> fields(Asked asked, String name) {
        return asked.fields().stream()
                .filter(each -> each.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static List<String> query(Asked asked) {
        int mark = asked.target().indexOf('?');
        return mark < 0 ? List.of() : List.of(asked.target().substring(mark + 1));
    }

    private static List<String> pairs(List<String> texts, String separator, String name) {
        return texts.stream()
                .flatMap(each -> Stream.of(each.split(separator)))
                .filter(each -> each.startsWith(name + "="))
                .map(each -> each.substring(name.length() + 1))
                .toList();
    }

    private static boolean isContentType(List<MediaRange> ranges, Asked asked) {
        List<String> values = fields(asked, "content-type");
        return !values.isEmpty()
                && ranges.stream()
                        .anyMatch(each -> (values.getFirst() + ";")
                                .matches((each.type().equals("*") ? ".*" : each.type()) + "/"
                                        + (each.subtype().equals("*") ? "[^;]*" : each.subtype()) + ";.*"));
    }

    /// Of a route without `accept`: it goes before those whose offers only `*/*` takes in.
    private static long plainWish(Asked asked) {
        int wish = wish(List.of(new MediaRange("*", "*", Map.of())), asked);
        boolean isNamed = wish % 16 > 0;
        return isNamed ? 2L * wish : 2L * wish + 1;
    }

    private static int wish(List<MediaRange> offers, Asked asked) {
        List<NaiveAccept.Range> ranges = new ArrayList<>();
        for (String field : fields(asked, "accept")) {
            for (String member : field.split(",")) {
                String[] parts = member.strip().split("[/;]");
                int q = parts.length == 3
                        ? (int) Math.round(Double.parseDouble(parts[2].strip().substring(2)) * 1000)
                        : 1000;
                ranges.add(new NaiveAccept.Range(parts[0], parts[1], "", q));
            }
        }
        return ranges.isEmpty()
                ? 1000 << 4
                : offers.stream()
                        .mapToInt(each -> NaiveAccept.wish(ranges, each.toString()))
                        .max()
                        .orElse(0);
    }

    private static List<Long> keys(List<MatchSpec> way, Asked asked) {
        // The same condition given twice counts once.
        List<String> hosts = new ArrayList<>();
        List<String> paths = new ArrayList<>();
        for (MatchSpec each : way) {
            if (each.host() != null) {
                String rank = each.host().startsWith("*.")
                        ? "1 %04d".formatted(9999 - each.host().length())
                        : "0";
                hosts.add(rank + " " + each.host());
            }
            if (each.hostRegex() != null) {
                hosts.add("2 " + each.hostRegex());
            }
            if (each.path() != null) {
                paths.add("0 " + each.path());
            }
            if (each.pathTemplate() != null) {
                paths.add("1 " + each.pathTemplate().replaceAll("\\{[a-z]+}", "\uffff"));
            }
            if (each.pathPrefix() != null) {
                paths.add("2 %04d ".formatted(9999 - each.pathPrefix().length()) + each.pathPrefix());
            }
            if (each.pathRegex() != null) {
                paths.add("3 " + each.pathRegex());
            }
        }
        List<String> rest = new ArrayList<>();
        List<MediaRange> offers = null;
        int wish = Integer.MAX_VALUE;
        for (MatchSpec each : way) {
            if (!each.method().isEmpty()) {
                rest.add("method " + each.method().stream().distinct().sorted().toList());
            }
            if (!each.client().isEmpty()) {
                rest.add("client " + each.client());
            }
            each.headers().values().forEach(value -> rest.add("header " + value));
            each.cookies().values().forEach(value -> rest.add("cookie " + value));
            each.query().values().forEach(value -> rest.add("query " + value));
            if (!each.contentType().isEmpty()) {
                rest.add("type " + each.contentType());
            }
            if (!each.accept().isEmpty()) {
                rest.add("accept " + each.accept());
                offers = each.accept();
                wish = Math.min(wish, wish(offers, asked));
            }
            if (each.not() != null) {
                rest.add("not " + each.not());
            }
        }
        List<String> others = rest.stream().distinct().toList();
        long count = others.size() + spare(hosts) + spare(paths);
        long best = offers == null ? plainWish(asked) : 2L * wish;
        List<Long> keys = new ArrayList<>();
        String host = hosts.stream().min(Comparator.naturalOrder()).orElse("9");
        String path = paths.stream().min(Comparator.naturalOrder()).orElse("9");
        keys.add((long) host.charAt(0));
        keys.add(host.charAt(0) == '1' ? Long.parseLong(host.substring(2, 6)) : 0);
        keys.add((long) path.charAt(0));
        keys.addAll(pathKeys(path));
        keys.add(-best);
        keys.add(-count);
        for (String kind : List.of("method", "client", "header", "cookie", "query", "type", "accept")) {
            keys.add(
                    -others.stream().filter(each -> each.startsWith(kind + " ")).count());
        }
        keys.add(-others.stream().mapToLong(NaiveRoutes::narrowness).sum());
        keys.add(-way.stream()
                .flatMap(each -> Stream.of(each.client()))
                .distinct()
                .mapToLong(each -> each.stream()
                        .mapToLong(block ->
                                block.length() + 128 - 8L * block.network().getAddress().length)
                        .min()
                        .orElse(0))
                .sum());
        keys.add(-Stream.concat(
                        way.stream().map(MatchSpec::contentType).distinct(),
                        way.stream().map(MatchSpec::accept).distinct())
                .mapToLong(each -> each.stream()
                        .mapToLong(range ->
                                range.subtype().equals("*") ? range.type().equals("*") ? 0 : 1 : 2)
                        .min()
                        .orElse(0))
                .sum());
        return keys;
    }

    private static long spare(List<String> places) {
        return Math.max(0, places.stream().distinct().count() - 1);
    }

    /// Two numbers: of a template its shape, of a prefix its length, else nothing.
    private static List<Long> pathKeys(String path) {
        return switch (path.charAt(0)) {
            case '1' -> {
                String shape = path.substring(3).replaceAll("[^/\uffff]+", "0").replace('\uffff', '1');
                yield List.of(0L, Long.parseLong("2" + shape.replace("/", "")));
            }
            case '2' -> List.of(Long.parseLong(path.substring(2, 6)), 0L);
            default -> List.of(0L, 0L);
        };
    }

    private static long narrowness(String condition) {
        if (!condition.matches("(header|cookie|query) .*")) {
            return 0;
        }
        return !condition.contains("value=null")
                ? 3
                : !condition.contains("prefix=null") ? 2 : !condition.contains("regex=null") ? 1 : 0;
    }
}
