package dev.fairlead.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.Cidr;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.MediaRange;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.config.ValueSpec;
import dev.fairlead.leak.NoLeaks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// 10,000 random requests against 200 random routes, of all kinds of conditions and nested: the table gives what a
/// search through all routes gives. The words are few, so that most conditions meet their like.
@ExtendWith(NoLeaks.class)
final class RoutePropertyTest {
    private static final List<String> HOSTS = List.of("a", "b.a", "c.b.a", "c.b.a.", "B.A", "d");
    private static final List<String> PATHS = List.of("", "/", "/x", "/x/y", "/x/y/z", "/y", "/y/x", "/x/", "/z//x");
    private static final List<String> METHODS = List.of("GET", "PUT", "POST");
    private static final List<String> NAMES = List.of("p", "q", "r");
    private static final List<String> VALUES = List.of("1", "12", "2", "v1");
    private static final List<String> CLIENTS = List.of("10.0.0.1", "10.1.0.1", "11.0.0.1", "fd00::1", "fe00::1");
    private static final List<String> BLOCKS = List.of("10.0.0.0/8", "10.0.0.0/16", "0.0.0.0/0", "fd00::/8");
    private static final List<String> MEDIA = List.of("a/x", "a/y", "b/x", "a/*", "b/*", "*/*");

    private final Random[] seeded = new Random[1];

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void agreesWithASearchThroughAllRoutes(int seed) {
        var random = new Random(seed);
        seeded[0] = random;
        List<RouteSpec> routes = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int priority = random.nextInt(4) == 0 ? random.nextInt(3) - 1 : 0;
            routes.add(new RouteSpec("r" + i, match(0), "app", priority));
        }
        RouteTable table = Tables.of(listener(routes));
        var naive = new NaiveRoutes(routes);
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            Asked asked = asked();
            String expected = naive.match(asked);

            String found = Tables.match(table, asked);

            assertThat(found).as("seed %s, request %s: %s", seed, i, asked).isEqualTo(expected);
            taken += found == null ? 0 : 1;
        }
        // Else the test would say little.
        assertThat(taken).isBetween(5_000, 10_000);
    }

    private HttpListenerSpec listener(List<RouteSpec> routes) {
        HttpListenerSpec none = Tables.listener("- {name: none, upstream: app}");
        return new HttpListenerSpec(
                "web",
                new Address(InetAddress.getLoopbackAddress(), 0),
                null,
                routes,
                1,
                none.limits(),
                none.timeouts());
    }

    private MatchSpec match(int depth) {
        String path = rarely(10, () -> one(PATHS.subList(1, PATHS.size())));
        boolean nests = depth < 2;
        int kind = seeded[0].nextInt(6);
        return new MatchSpec(
                kind == 0 ? null : rarely(2, () -> one(List.of("a", "b.a", "c.b.a", "*.a", "*.b.a", "d"))),
                path,
                path == null ? rarely(3, () -> one(List.of("/x", "/x/y", "/y", "/"))) : null,
                kind == 0 ? rarely(3, () -> one(List.of("[ab].*", ".*[.]a"))) : null,
                rarely(8, () -> one(List.of("/{a}", "/x/{a}", "/{a}/y", "/{a}/{b}", "/x/y/{a}"))),
                rarely(10, () -> one(List.of("/x.*", ".*y", "/[xy]/.*"))),
                rarely(5, () -> some(METHODS, 2)) instanceof List<String> methods ? methods : List.of(),
                values(5),
                values(9),
                values(9),
                rarely(6, () -> some(BLOCKS, 2)) instanceof List<String> blocks
                        ? blocks.stream().map(RoutePropertyTest::cidr).toList()
                        : List.of(),
                rarely(9, () -> some(MEDIA, 2)) instanceof List<String> types
                        ? types.stream().map(RoutePropertyTest::media).toList()
                        : List.of(),
                rarely(3, () -> some(MEDIA, 2)) instanceof List<String> offers
                        ? offers.stream().map(RoutePropertyTest::media).toList()
                        : List.of(),
                nests && seeded[0].nextInt(8) == 0 ? List.of(match(depth + 1)) : List.of(),
                nests && seeded[0].nextInt(8) == 0 ? List.of(match(depth + 1), match(depth + 1)) : List.of(),
                nests && seeded[0].nextInt(8) == 0 ? match(depth + 1) : null,
                List.of(),
                null);
    }

    private Map<String, ValueSpec> values(int seldom) {
        Map<String, ValueSpec> values = new HashMap<>();
        if (seeded[0].nextInt(seldom) == 0) {
            String name = one(NAMES);
            values.put(
                    name,
                    switch (seeded[0].nextInt(5)) {
                        case 0, 1 -> ValueSpec.exact(name, one(VALUES));
                        case 2 -> new ValueSpec(name, null, one(List.of("1", "v")), null, null);
                        case 3 -> new ValueSpec(name, null, null, "[0-9]+", null);
                        default -> new ValueSpec(name, null, null, null, seeded[0].nextBoolean());
                    });
        }
        return values;
    }

    private Asked asked() {
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        for (int i = seeded[0].nextInt(3); i > 0; i--) {
            fields.add(Map.entry(one(NAMES), one(VALUES)));
        }
        if (seeded[0].nextInt(3) == 0) {
            fields.add(Map.entry("cookie", one(NAMES) + "=" + one(VALUES) + "; " + one(NAMES) + "=" + one(VALUES)));
        }
        if (seeded[0].nextBoolean()) {
            fields.add(Map.entry("content-type", one(MEDIA.subList(0, 3)) + (seeded[0].nextBoolean() ? ";c=d" : "")));
        }
        for (int i = seeded[0].nextInt(3); i > 0; i--) {
            String more = seeded[0].nextBoolean() ? "" : ", " + one(MEDIA) + ";q=0." + seeded[0].nextInt(10);
            fields.add(Map.entry("accept", one(MEDIA) + one(List.of("", ";q=0.5", ";q=0")) + more));
        }
        String query = seeded[0].nextBoolean() ? "" : "?" + one(NAMES) + "=" + one(VALUES) + "&" + one(NAMES) + "=1";
        return new Asked(one(CLIENTS), one(METHODS), one(HOSTS), one(PATHS) + query, fields);
    }

    private <T> T rarely(int seldom, Supplier<T> some) {
        return seeded[0].nextInt(seldom) == 0 ? some.get() : null;
    }

    private <T> T one(List<T> of) {
        return of.get(seeded[0].nextInt(of.size()));
    }

    private List<String> some(List<String> of, int most) {
        List<String> some = new ArrayList<>();
        for (int i = seeded[0].nextInt(most); i >= 0; i--) {
            some.add(one(of));
        }
        return some;
    }

    private static Cidr cidr(String text) {
        try {
            String[] parts = text.split("/");
            return new Cidr(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1]));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static MediaRange media(String text) {
        String[] parts = text.split("/");
        return new MediaRange(parts[0], parts[1], Map.of());
    }
}
