package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    @TempDir
    private Path folder;

    private static Config config(String text) {
        ConfigFile.Reading reading = ConfigFile.read(text, "test.yaml", Map.of());
        assertThat(reading.problems()).isEmpty();
        return reading.config();
    }

    @Test
    void aClientIsAnAddressWithAPortOrWithout() {
        assertThat(Address.ofClient("10.1.2.3")).hasToString("10.1.2.3:0");
        assertThat(Address.ofClient("10.1.2.3:40000")).hasToString("10.1.2.3:40000");
        assertThat(Address.ofClient("2001:db8:0::7")).hasToString("[2001:db8::7]:0");
        assertThat(Address.ofClient("[2001:db8::7]:40000")).hasToString("[2001:db8::7]:40000");
        for (String neither : List.of("", "db.example", "10.1.2.3:", "10.1.2:80", "[2001:db8::7]")) {
            assertThat(Address.ofClient(neither)).as(neither).isNull();
        }
    }

    @Test
    void flowsThatNobodyRemembersAreChosenByHash() {
        String text = """
                listeners:
                  datagrams: {protocol: udp, address: "127.0.0.1:53", upstream: a}
                  linux: {protocol: tcp, address: "10.0.0.1:1", upstream: b, carrier: kernel}
                  either: {protocol: tcp, address: "10.0.0.1:2", upstream: c, carrier: auto}
                  sockets: {protocol: tcp, address: "10.0.0.1:3", upstream: d}
                  written: {protocol: tcp, address: "10.0.0.1:4", upstream: e, carrier: nft}
                upstreams:
                  a: {endpoints: [10.0.1.1:1]}
                  b: {endpoints: [10.0.1.1:1]}
                  c: {endpoints: [10.0.1.1:1]}
                  d: {endpoints: [10.0.1.1:1]}
                  e: {endpoints: [10.0.1.1:1], balancer: round-robin}
                """;

        Map<String, UpstreamSpec> upstreams = config(text).upstreams();

        for (String hashed : List.of("a", "b")) {
            assertThat(upstreams.get(hashed).balancer()).as(hashed).isEqualTo(FlowDefaults.BALANCER);
        }
        for (String other : List.of("c", "d", "e")) {
            assertThat(upstreams.get(other).balancer().algorithm())
                    .as(other)
                    .isEqualTo(BalancerSpec.Algorithm.ROUND_ROBIN);
        }
    }

    @Test
    void fillsInEveryDefaultOfTheSmallestConfig() {
        Config config = config(ConfigReference.SMALLEST);

        HttpListenerSpec web = (HttpListenerSpec) config.listeners().get("web");
        UpstreamSpec app = config.upstreams().get("app");
        assertThat(web.place()).isEqualTo("0.0.0.0:8080");
        assertThat(web.upstream()).isEqualTo("app");
        assertThat(web.routes()).isEmpty();
        assertThat(web.limits()).isEqualTo(new HttpLimits(8192, 32768, 128, 0, 240, HttpLimits.Underscores.DROP));
        assertThat(web.upgrades()).containsExactly("websocket");
        assertThat(web.timeouts().tunnel()).isEqualTo(Duration.ofHours(1));
        assertThat(web.timeouts().head()).isEqualTo(Duration.ofSeconds(10));
        assertThat(app.endpoints())
                .extracting(each -> each.address().toString())
                .containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
        assertThat(app.endpoints()).extracting(EndpointSpec::weight).containsExactly(1, 1);
        assertThat(app.probe()).isNull();
        assertThat(app.attempts()).isEqualTo(3);
        assertThat(config.admin().address()).hasToString("127.0.0.1:9090");
        assertThat(config.accessLog()).isNull();
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void readsEveryKindOfValue() {
        Config config = config(ConfigReference.EXAMPLE);

        HttpListenerSpec web = (HttpListenerSpec) config.listeners().get("web");
        assertThat(config.listeners().keySet()).containsExactly("web", "db");
        assertThat(web.routes()).extracting(RouteSpec::name).containsExactly("api", "web/2", "web/3");
        assertThat(web.routes().getFirst().match()).isEqualTo(new MatchSpec("*.example.com", null, "/api"));
        assertThat(web.limits().bodyBytes()).isEqualTo(100L << 20);
        UpstreamSpec api = config.upstreams().get("api");
        assertThat(api.probe()).isInstanceOfSatisfying(HttpProbeSpec.class, probe -> {
            assertThat(probe.pace().interval()).isEqualTo(Duration.ofSeconds(5));
            assertThat(probe.expect()).containsExactly(new StatusRange(200, 399));
            assertThat(probe.host()).isNull();
        });
        assertThat(api.endpoints().get(1).address()).hasToString("[2001:db8::1]:8080");
        assertThat(config.accessLog()).isEqualTo(new AccessLogSpec("stdout", AccessLogSpec.Format.JSON));
    }

    @Test
    void putsTheEnvironmentIntoValues() {
        Case environment = Case.all().stream()
                .filter(each -> each.name().equals("environment.txt"))
                .findFirst()
                .orElseThrow();

        Config config = environment.read().config();

        assertThat(config.listeners().get("web").addresses().getFirst().firstPort())
                .isEqualTo(8080);
        assertThat(config.listeners().get("web").maxConnections()).isEqualTo(100);
        assertThat(config.upstreams().get("app").endpoints())
                .extracting(each -> each.address() + " " + each.weight())
                .containsExactly("10.0.0.1:81 1", "10.0.0.2:80 3");
        assertThat(config.accessLog().path()).isEqualTo("/tmp/${NAME}-$PORT-x.log");
    }

    @Test
    void hostsAreKeptInLowerCase() {
        String text = ConfigReference.EXAMPLE.replace("*.example.com", "*.Example.COM");

        HttpListenerSpec web = (HttpListenerSpec) config(text).listeners().get("web");

        assertThat(web.routes().getFirst().match().host()).isEqualTo("*.example.com");
    }

    @Test
    void readsAFileAndSkipsItsByteOrderMark() throws IOException {
        Path file = Files.writeString(folder.resolve("a.yaml"), "\uFEFF" + ConfigReference.SMALLEST);

        assertThat(ConfigFile.read(file, Map.of()).problems()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsAProblem() throws IOException {
        Path missing = folder.resolve("none.yaml");
        Path large = folder.resolve("large.yaml");
        Files.write(large, new byte[ConfigFile.BYTES_MAX + 1]);

        assertThat(only(missing).headline()).isEqualTo(missing + ":1:1: error: there is no such file");
        assertThat(only(folder).headline()).isEqualTo(folder + ":1:1: error: it is a directory");
        assertThat(only(large).message()).isEqualTo("larger than 16MiB, which no config is");
    }

    @Test
    void whatIsNotUtf8IsShownWhereItStands() throws IOException {
        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "loops: 1\nadmin: caf\u00e9 {}\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(only(latin).headline()).isEqualTo(latin + ":2:11: error: the file is not in UTF-8 here");
    }

    private static Problem only(Path file) {
        ConfigFile.Reading reading = ConfigFile.read(file, Map.of());
        assertThat(reading.hasErrors()).isTrue();
        assertThat(reading.problems()).hasSize(1);
        return reading.problems().getFirst();
    }

    @Test
    void readsFiveThousandUpstreams() {
        StringBuilder text =
                new StringBuilder("listeners:\n  web:\n    protocol: http\n    address: \"*:80\"\n    routes:\n");
        for (int i = 0; i < 5000; i++) {
            text.append("      - {match: {path-prefix: /%d}, upstream: u%d}\n".formatted(i, i));
        }
        text.append("upstreams:\n");
        for (int i = 0; i < 5000; i++) {
            text.append("  u%d:\n    endpoints: [10.0.0.1:80, 10.0.0.2:80]\n    attempts: 2\n".formatted(i));
        }

        assertThat(config(text.toString()).upstreams()).hasSize(5000);
    }

    @Test
    void showsOnlyTheFirstThousandProblems() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            text.append("k").append(i).append(": 1\n");
        }

        ConfigFile.Reading reading = ConfigFile.read(text.toString(), "test.yaml", Map.of());

        assertThat(reading.problems()).hasSize(1001);
        assertThat(reading.problems().getLast().message()).startsWith("and more");
    }

    /// Characters that mean something to YAML, to addresses or to substitution, and some that mean nothing.
    private static final String SPICE =
            " \n\t:,-[]{}&*!|>'\"%@`#?$~<=/0179.aZ\u0000\u0085\u2028\u00e9\ud83d\ude00\ud800";

    @Test
    void aTextMutatedAtRandomNeverThrowsAndItsProblemsHavePlaces() {
        Random random = new Random(20261123);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            String text = mutated(ConfigReference.EXAMPLE, random);

            ConfigFile.Reading reading = ConfigFile.read(text, "mutated.yaml", Map.of());

            long lines = text.lines().count() + 1;
            for (Problem problem : reading.problems()) {
                assertThat(problem.line()).as(problem.text()).isBetween(1, (int) lines);
                assertThat(problem.column()).isPositive();
                assertThat(problem.message()).isNotBlank().doesNotContain("\n");
            }
            boolean hasError = reading.problems().stream().anyMatch(each -> each.severity() == Severity.ERROR);
            assertThat(reading.hasErrors()).isEqualTo(hasError);
            refused += hasError ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(1000);
    }

    private static String mutated(String text, Random random) {
        StringBuilder mutant = new StringBuilder(text);
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            int at = random.nextInt(mutant.length());
            int end = Math.min(mutant.length(), at + random.nextInt(12));
            String piece = mutant.substring(at, end);
            int character = random.nextInt(SPICE.length());
            switch (random.nextInt(4)) {
                case 0 -> mutant.delete(at, end);
                case 1 -> mutant.insert(random.nextInt(mutant.length()), piece);
                case 2 -> mutant.setCharAt(at, SPICE.charAt(character));
                default -> mutant.insert(at, SPICE.charAt(character));
            }
        }
        return mutant.toString();
    }

    @Test
    void theZoneOfTheProcessIsForUpstreamsThatNameNone() {
        String text = """
                zone: ${ZONE:-nowhere}
                listeners:
                  web: {protocol: http, address: "*:0", upstream: app, routes: [{match: {path: /a}, upstream: other}]}
                upstreams:
                  app: {endpoints: [10.0.0.1:80]}
                  other: {endpoints: [10.0.0.1:80], prefer-zone: any}
                """;
        Config config =
                ConfigFile.read(text, "test.yaml", Map.of("ZONE", "eu-1a")).config();
        assertThat(config.upstreams().get("app").preferZone()).isEqualTo("eu-1a");
        assertThat(config.upstreams().get("other").preferZone()).isEqualTo("any");
    }

    /// Wherever the process was started from.
    @Test
    void findsFilesFromTheFolderOfTheConfig(@TempDir Path folder) throws IOException {
        Path file = Files.createDirectory(folder.resolve("conf")).resolve("fairlead.yaml");
        Files.writeString(folder.resolve("sorry.html"), "sorry");
        Files.writeString(file, """
                cache-store: {disk: {folder: cache, size: 1GiB}}
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:0"
                    routes: [{respond: {status: 503, file: ../sorry.html}}]
                    tls: {certificates: [own.pem, /none/root.pem]}
                """);

        ConfigFile.Reading reading = ConfigFile.read(file, Map.of());

        assertThat(reading.problems().stream().map(Problem::message))
                .containsExactly(
                        "there is no file `" + folder.resolve("conf/own.pem") + "`",
                        "there is no file `/none/root.pem`");

        Files.writeString(
                file, Files.readString(file).replace("    tls: {certificates: [own.pem, /none/root.pem]}\n", ""));

        Config config = ConfigFile.read(file, Map.of()).config();

        assertThat(config.cacheStore().disk().folder())
                .isEqualTo(folder.resolve("conf/cache").toString());
    }
}
