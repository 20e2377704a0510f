package dev.fairlead.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class RouteTableTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Client CLIENT = new Client(new InetSocketAddress(InetAddress.getLoopbackAddress(), 40000));
    private static final Address ADDRESS = new Address(InetAddress.getLoopbackAddress(), 1);

    @Test
    void takesTheMostSpecificWhereverItStands() {
        RouteTable table = table(
                null,
                route("any", null, null, null),
                route("prefix", null, null, "/a"),
                route("wild", "*.b.c", null, null),
                route("wilder", "*.c", null, "/a/b/c"),
                route("host", "a.b.c", null, null),
                route("longer", "a.b.c", null, "/a/b/"),
                route("short", "a.b.c", null, "/a"),
                route("exact", "a.b.c", "/a/b/c", null),
                route("second", "a.b.c", "/a/b/c", null));

        assertThat(match(table, "a.b.c", "/a/b/c")).isEqualTo("exact");
        assertThat(match(table, "A.B.C", "/a/b/c/")).isEqualTo("longer");
        assertThat(match(table, "a.b.c.", "/a/b")).isEqualTo("longer");
        assertThat(match(table, "a.b.c", "/a/bc")).isEqualTo("short");
        assertThat(match(table, "a.b.c", "/ab")).isEqualTo("host");
        assertThat(match(table, "x.b.c", "/a/b/c")).isEqualTo("wild");
        assertThat(match(table, "x.y.b.c", "/")).isEqualTo("wild");
        assertThat(match(table, "b.c", "/a/b/c")).isEqualTo("wilder");
        assertThat(match(table, "b.c", "/a/x")).isEqualTo("prefix");
        assertThat(match(table, "c", "/A")).isEqualTo("any");
        assertThat(match(table, "", "/a")).isEqualTo("prefix");
    }

    @Test
    void fallsBackOnTheListenersUpstreamOrOnNothing() {
        RouteSpec route = route("r", "a", "/", null);

        assertThat(match(table("app", route), "b", "/")).isEmpty();
        assertThat(match(table(null, route), "b", "/")).isNull();
    }

    @Test
    void anEmptyPathIsThatOfTheRoot() {
        assertThat(match(table(null, route("r", "a", "/", null)), "a", "")).isEqualTo("r");
        assertThat(match(table(null, route("r", "a", null, "/")), "a", "")).isEqualTo("r");
    }

    @Test
    void agreesWithASearchThroughAllRoutes() {
        var random = new Random(7);
        for (int round = 0; round < 5; round++) {
            RouteSpec[] routes = new RouteSpec[200];
            for (int i = 0; i < routes.length; i++) {
                int kind = random.nextInt(5);
                String path = path(random);
                routes[i] = route(
                        "r" + i,
                        random.nextInt(4) == 0 ? null : (random.nextBoolean() ? "*." : "") + host(random),
                        kind < 2 ? path : null,
                        kind == 2 || kind == 3 ? path : null);
            }
            RouteTable table = table(null, routes);
            for (int i = 0; i < 10_000; i++) {
                String host = host(random);
                String path = path(random);
                assertThat(match(table, host, path)).as("%s %s", host, path).isEqualTo(search(routes, host, path));
            }
        }
    }

    private static String search(RouteSpec[] routes, String host, String path) {
        List<RouteSpec> taking = new ArrayList<>();
        for (RouteSpec route : routes) {
            if (takesHost(route.match(), host.toLowerCase(Locale.ROOT)) && takesPath(route.match(), path)) {
                taking.add(route);
            }
        }
        // A stable sort: of equal routes the first stays the first.
        taking.sort(Comparator.comparingInt((RouteSpec route) -> -hostRank(route.match()))
                .thenComparingInt(route -> -pathRank(route.match())));
        return taking.isEmpty() ? null : taking.getFirst().name();
    }

    private static boolean takesHost(MatchSpec match, String host) {
        String wanted = match.host() == null ? null : match.host().toLowerCase(Locale.ROOT);
        return wanted == null || (wanted.startsWith("*.") ? host.endsWith(wanted.substring(1)) : host.equals(wanted));
    }

    private static boolean takesPath(MatchSpec match, String path) {
        if (match.path() != null) {
            return path.equals(match.path());
        }
        if (match.pathPrefix() == null) {
            return true;
        }
        String prefix = match.pathPrefix();
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }

    private static int hostRank(MatchSpec match) {
        if (match.host() == null) {
            return 0;
        }
        return match.host().startsWith("*.") ? match.host().length() : 1000;
    }

    private static int pathRank(MatchSpec match) {
        if (match.path() != null) {
            return 1000;
        }
        return match.pathPrefix() == null ? 0 : match.pathPrefix().length();
    }

    private static String host(Random random) {
        var host = new StringBuilder();
        for (int labels = 1 + random.nextInt(4); labels > 0; labels--) {
            host.append(random.nextBoolean() ? "a" : random.nextBoolean() ? "B" : "cc")
                    .append('.');
        }
        return host.substring(0, host.length() - 1);
    }

    private static String path(Random random) {
        var path = new StringBuilder("/");
        for (int segments = random.nextInt(5); segments > 0; segments--) {
            path.append(random.nextBoolean() ? "a" : random.nextBoolean() ? "bb" : "");
            path.append(random.nextInt(4) == 0 ? "" : "/");
        }
        return path.toString();
    }

    private static String match(RouteTable table, String host, String path) {
        var head = new RequestHead();
        head.fields().add(FieldName.HOST, host);
        head.fields().add(FieldName.REFERER, path + "?/q");
        int start = head.fields().valueStart(0);
        head.authority(start, start + host.length(), start + host.length());
        int target = head.fields().valueStart(1);
        head.target(target, target + path.length(), target + path.length() + 3);
        Route route = table.match(head, CLIENT);
        return route == null ? null : route.name();
    }

    private static RouteSpec route(String name, String host, String path, String prefix) {
        // The config keeps host patterns in lower case.
        String lower = host == null ? null : host.toLowerCase(Locale.ROOT);
        return new RouteSpec(name, new MatchSpec(lower, path, prefix), "app");
    }

    private static RouteTable table(String fallback, RouteSpec... routes) {
        var upstreams = new Upstreams(new Metrics());
        upstreams.put(new UpstreamSpec(
                "app",
                List.of(new EndpointSpec(ADDRESS, 1, 0)),
                BalancerSpec.ROUND_ROBIN,
                null,
                new UpstreamTimeouts(SECOND, SECOND, SECOND),
                new PoolSpec(1, SECOND),
                1));
        return new RouteTable(
                new HttpListenerSpec(
                        "web",
                        ADDRESS,
                        fallback,
                        List.of(routes),
                        1,
                        new HttpLimits(100, 1000, 10, 0),
                        new HttpTimeouts(SECOND, SECOND, SECOND)),
                upstreams);
    }
}
