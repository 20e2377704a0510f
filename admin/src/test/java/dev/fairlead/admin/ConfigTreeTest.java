package dev.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.SizeKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigTreeTest {
    private static final String FULL = """
            listeners:
              raw: { protocol: tcp, address: "127.0.0.1:9000", upstream: app, idle-timeout: 90s }
              web:
                protocol: http
                address: "[::1]:9080"
                upstream: app
                routes:
                  - { name: api, match: { host: "*.example.com", path-prefix: /api }, upstream: app }
                limits: { head-bytes: 33KiB, body-bytes: 2GiB }
            upstreams:
              app:
                endpoints: [127.0.0.1:1, { address: "127.0.0.1:2", weight: 0, max-connections: 7 }]
                probe: { protocol: http, path: /up, expect: 204, interval: 1500ms }
              calls:
                endpoints: [127.0.0.1:3]
                probe: { protocol: grpc, service: shop, tls: true, verify: false, interval-down: 1h, port: 7 }
              secret:
                endpoints: [127.0.0.1:4]
                probe: { protocol: tls, server-name: app.example, jitter: 0 }
            access-log: { path: stderr, format: combined }
            loops: 2
            drain-timeout: 2m
            """;

    /// The promise of `/config`: what it answers can be saved as a file that means the same.
    @Test
    void isAFileThatMeansTheSame() {
        Config config = read(FULL);

        String json = Json.of(ConfigTree.of(config));

        assertThat(read(json)).isEqualTo(config);
        assertThat(json)
                .contains("\"head-bytes\" : \"33KiB\"", "\"drain-timeout\" : \"2m\"", "\"interval-down\" : \"1h\"");
    }

    /// Every config that the tests of the room `config` hold to be good, and every example.
    @ParameterizedTest
    @MethodSource("goodFiles")
    void isAFileThatMeansTheSameWhateverIsInIt(Path file) throws IOException {
        String text = Files.readString(file).split("(?m)^----$", 2)[0];
        Config config = ConfigFile.read(text, "test.yaml", Map.of()).config();

        if (config != null) {
            assertThat(read(Json.of(ConfigTree.of(config)))).isEqualTo(config);
        }
    }

    static Stream<Path> goodFiles() throws IOException {
        try (Stream<Path> cases = Files.list(Path.of("../config/src/test/resources/cases"));
                Stream<Path> examples = Files.list(Path.of("../examples"))) {
            return Stream.concat(cases, examples).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0s", "250,250ms", "1500,1500ms", "5000,5s", "60000,1m", "90000,90s", "3600000,1h", "86400000,24h"})
    void writesDurationsInTheGreatestWholeUnit(long millis, String text) {
        assertThat(ConfigTree.duration(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0,0B", "1,1B", "1023,1023B", "1024,1KiB", "1536,1536B", "33792,33KiB", "1073741824,1GiB"})
    void writesSizesInTheGreatestWholeUnit(long bytes, String text) {
        assertThat(SizeKey.write(bytes)).isEqualTo(text);
    }

    private static Config read(String text) {
        var reading = ConfigFile.read(text, "test.yaml", Map.of());
        assertThat(reading.config()).as(reading.problems().toString()).isNotNull();
        return reading.config();
    }
}
