package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// h2spec, the conformance suite of HTTP/2 and HPACK that others wrote. It comes in a plugin of Maven.
@Timeout(120)
class H2SpecTest {
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";

    /// For all of it: a few seconds, and a time-out for each deviation.
    private static final Duration MOST = Duration.ofSeconds(60);

    private static final String ON_CLOSED =
            "RFC 9113 section 5.1 lets frames on a closed stream be ignored: they may have been under way when we ended it";

    /// What it expects and does not get, and why. It knows RFC 7540, of which RFC 9113 has become.
    private static final Map<String, String> DEVIATIONS = Map.of(
            "5.1. Stream States 6: half closed (remote): Sends a HEADERS frame",
                    "the codec takes it for one head too many: the stream is reset, as PROTOCOL_ERROR",
            "5.1. Stream States 8: closed: Sends a DATA frame after sending RST_STREAM frame", ON_CLOSED,
            "5.1. Stream States 9: closed: Sends a HEADERS frame after sending RST_STREAM frame", ON_CLOSED,
            "5.1. Stream States 11: closed: Sends a DATA frame", ON_CLOSED,
            "5.1. Stream States 12: closed: Sends a HEADERS frame", ON_CLOSED,
            "5.1.1. Stream Identifiers 2: Sends stream identifier that is numerically smaller than previous",
                    ON_CLOSED + "; a stream that was passed over is one (section 5.1.1)");

    private static final Pattern SECTION = Pattern.compile(" +(\\d[0-9.]*\\.) (.*)");
    private static final Pattern FAILURE = Pattern.compile(" +\u00d7 (\\d+: .*)");

    @TempDir
    private static Path folder;

    @Test
    void keepsTheRulesOfHttp2() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "h2spec is a program for amd64");
        try (InputStream archive = H2SpecTest.class.getResourceAsStream(ARCHIVE)) {
            Files.copy(archive, folder.resolve("h2spec.tar.gz"));
        }
        assertThat(Child.run(folder, "tar", "xzf", "h2spec.tar.gz").status()).isZero();
        int port = Repository.freePort();
        try (ScriptedBackend backend = ScriptedBackend.answering(_ -> ScriptedBackend.ok("hello"));
                Fairlead fairlead = Fairlead.start("""
                        listeners:
                          web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                        upstreams:
                          app: {endpoints: ["127.0.0.1:%d"]}
                        """.formatted(port, backend.port()))) {
            String report = ask(port);
            if (!failures(report).equals(DEVIATIONS.keySet())) {
                // Whoever says nothing for four seconds has failed there: a machine that stood still says nothing.
                report = ask(port);
            }

            assertThat(report).contains("146 tests, ");
            assertThat(failures(report)).as(report).isEqualTo(new TreeSet<>(DEVIATIONS.keySet()));
            assertThat(fairlead.metric("fairlead_http2_exchanges_total")).isPositive();
        }
    }

    private static String ask(int port) throws Exception {
        List<String> command = List.of("./h2spec", "--strict", "-p", "" + port, "-P", "/name", "-o", "4");
        try (Child h2spec = Child.start(folder, command)) {
            h2spec.await(MOST);
            return h2spec.output();
        }
    }

    /// Each with the section that it is of.
    private static TreeSet<String> failures(String report) {
        var failures = new TreeSet<String>();
        String section = "";
        for (String line : report.substring(report.indexOf("Failures:")).lines().toList()) {
            var heading = SECTION.matcher(line);
            var failure = FAILURE.matcher(line);
            if (failure.matches()) {
                failures.add(section + " " + failure.group(1));
            } else if (heading.matches()) {
                section = heading.group(1) + " " + heading.group(2);
            }
        }
        return failures;
    }
}
