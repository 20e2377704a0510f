package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// One line for each exchange and each flow: what was asked, who answered, where the time went.
class AccessLogTest {
    @TempDir
    private Path directory;

    private NginxBackend nginx;

    @BeforeEach
    void start() throws IOException {
        nginx = NginxBackend.start("one");
    }

    @AfterEach
    void stop() {
        nginx.close();
    }

    private Path file() {
        return directory.resolve("access.log");
    }

    private Fairlead fairlead(String format) throws IOException {
        return Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    routes:
                      - {name: names, match: {path-prefix: /name}, upstream: app}
                      - {name: nobody, match: {path-prefix: /dead}, upstream: dead}
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                  dead: {endpoints: ["127.0.0.1:%d"]}
                access-log: {path: %s, format: %s}
                """.formatted(
                Repository.freePort(), Repository.freePort(), nginx.address(), Repository.freePort(), file(), format));
    }

    private static int web(Fairlead fairlead) throws IOException {
        String yaml = Files.readString(fairlead.home().resolve("fairlead.yaml"));
        return Integer.parseInt(yaml.split("127\\.0\\.0\\.1:", 2)[1].split("\"", 2)[0]);
    }

    private List<String> lines(int count) {
        await().until(() -> Files.exists(file()) && Files.readAllLines(file()).size() >= count);
        try {
            return Files.readAllLines(file());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// The facts of a line that is one flat JSON object.
    private static Map<String, Object> facts(String line) {
        Map<String, Object> facts = new LinkedHashMap<>();
        try (JsonParser parser = JsonFactory.builder().build().createParser(ObjectReadContext.empty(), line)) {
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken value = parser.nextToken();
                facts.put(name, value.isNumeric() ? parser.getDoubleValue() : parser.getString());
            }
            assertThat(parser.currentToken()).isEqualTo(JsonToken.END_OBJECT);
            assertThat(parser.nextToken()).as("nothing behind the object").isNull();
        }
        return facts;
    }

    @Test
    void tellsAllOfAnExchange() throws Exception {
        try (Fairlead fairlead = fairlead("json");
                Wire wire = Wire.to(web(fairlead))) {
            wire.send("POST /name?a=\\b HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello")
                    .response();
            Map<String, Object> facts = facts(lines(1).getFirst());

            assertThat(facts)
                    .containsEntry("listener", "web")
                    .containsEntry("route", "names")
                    .containsEntry("upstream", "app")
                    .containsEntry("endpoint", nginx.address())
                    .containsEntry("method", "POST")
                    .containsEntry("target", "/name?a=\\b")
                    .containsEntry("host", "a.test")
                    .containsEntry("requestBytes", 5.0)
                    .containsEntry("attempts", 1.0)
                    .containsKeys("time", "client", "status", "responseBytes")
                    .containsKeys("connectMillis", "firstByteMillis", "totalMillis");
            assertThat((Double) facts.get("totalMillis")).isGreaterThanOrEqualTo((Double) facts.get("firstByteMillis"));
        }
    }

    @Test
    void tellsTheFaultOfAnExchange() throws Exception {
        try (Fairlead fairlead = fairlead("json");
                Wire wire = Wire.to(web(fairlead))) {
            assertThat(wire.get("/dead").status()).isEqualTo(502);

            assertThat(facts(lines(1).getFirst()))
                    .containsEntry("status", 502.0)
                    .containsEntry("fault", "connection_refused");
        }
    }

    @Test
    void tellsAllOfAFlow() throws Exception {
        try (Fairlead fairlead = fairlead("json")) {
            try (Wire wire = Wire.to(fairlead.port("raw"))) {
                wire.get("/name");
            }
            Map<String, Object> facts = facts(lines(1).getFirst());

            assertThat(facts)
                    .containsEntry("listener", "raw")
                    .containsEntry("upstream", "app")
                    .containsEntry("endpoint", nginx.address())
                    .containsEntry("attempts", 1.0)
                    .containsEntry("outcome", "client-fin")
                    .containsKeys("time", "client", "connectMillis", "durationMillis");
            assertThat((Double) facts.get("bytesIn")).isEqualTo(36);
            assertThat((Double) facts.get("bytesOut")).isGreaterThan(100);
        }
    }

    @Test
    void tellsTheHandshakeAndTheIdOfAConnection() throws Exception {
        Certificate certificate = Certificate.of(directory, "shop.example");
        int outer = Repository.freePort();
        int inner = Repository.freePort();
        String yaml =
                """
                listeners:
                  outer: {protocol: tcp, address: "127.0.0.1:%d", upstream: inner}
                  inner:
                    protocol: http
                    address: "127.0.0.1:%d"
                    upstream: app
                    proxy-protocol: {from: 127.0.0.1}
                    tls: {certificates: [{certificate: %s, key: %s}]}
                upstreams:
                  inner: {endpoints: ["127.0.0.1:%d"], proxy-protocol: {version: v2, unique-id: true}}
                  app: {endpoints: ["%s"]}
                access-log: {path: %s}
                """.formatted(outer, inner, certificate.file(), certificate.key(), inner, nginx.address(), file());
        try (Fairlead _ = Fairlead.start(yaml)) {
            Child.Result answer = Curl.run(
                    "--cacert",
                    certificate.file().toString(),
                    "--connect-to",
                    "shop.example:443:127.0.0.1:" + outer,
                    "https://shop.example/name");
            assertThat(answer.status()).as(answer.errors()).isZero();

            List<Map<String, Object>> lines =
                    lines(2).stream().map(AccessLogTest::facts).toList();
            Map<String, Object> exchange = lines.stream()
                    .filter(each -> each.get("listener").equals("inner"))
                    .findFirst()
                    .orElseThrow();
            assertThat(exchange)
                    .containsEntry("tls", "TLSv1.3")
                    .containsEntry("sni", "shop.example")
                    .containsKey("cipher")
                    .doesNotContainKey("clientSubject");
            assertThat(lines).extracting(each -> each.get("uniqueId")).doesNotContainNull();
            assertThat(lines).extracting(each -> each.get("uniqueId")).containsOnly(exchange.get("uniqueId"));
        }
    }

    @Test
    void writesOneLineForEachExchangeUnderLoad() throws Exception {
        try (Fairlead fairlead = fairlead("json")) {
            Load load = Load.on(web(fairlead), 8);
            try (load) {
                await().until(() -> load.answered() > 2_000);
            }

            assertThat(lines((int) load.answered()))
                    .hasSize((int) load.answered())
                    .allSatisfy(line -> facts(line));
            assertThat(fairlead.metric("fairlead_access_log_dropped_total")).isZero();
        }
    }

    @Test
    void writesTheCombinedFormat() throws Exception {
        try (Fairlead fairlead = fairlead("combined");
                Wire wire = Wire.to(web(fairlead))) {
            wire.send("GET /name HTTP/1.1\r\nHost: a\r\nReferer: http://b/\r\nUser-Agent: a \"quoted\" one\r\n\r\n")
                    .response();

            assertThat(lines(1).getFirst())
                    .matches(
                            "127\\.0\\.0\\.1 - - \\[[^]]+] \"GET /name HTTP/1\\.1\" 200 3 \"http://b/\" \"a .*one\".*");
        }
    }

    @Test
    void opensTheFileAgainOnHangUp() throws Exception {
        try (Fairlead fairlead = fairlead("json");
                Wire wire = Wire.to(web(fairlead))) {
            wire.get("/name");
            lines(1);
            Files.move(file(), directory.resolve("access.log.1"));
            fairlead.signal("HUP");
            await().until(() -> Files.exists(file()));
            wire.get("/name");

            assertThat(lines(1)).hasSize(1);
        }
    }
}
