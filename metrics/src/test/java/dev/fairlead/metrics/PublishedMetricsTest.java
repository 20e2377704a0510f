package dev.fairlead.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// What docs/metrics.md holds is what the enum says now.
class PublishedMetricsTest {
    private static final Path PAGE = Path.of("../docs/metrics.md");

    @Test
    void thePageIsCurrent() throws IOException {
        String wanted = page();
        if (Boolean.getBoolean("fairlead.write")) {
            Files.writeString(PAGE, wanted);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/metrics.md is not current. Make it again: "
                        + "`./mvnw -pl metrics test -Dtest=PublishedMetricsTest -Dfairlead.write=true`")
                .isEqualTo(wanted);
    }

    private static String page() {
        var page = new StringBuilder("""
                # Metrics

                On the admin API at `/metrics`, for Prometheus. This page is made from the program.

                Most counters and gauges of a listener, an upstream, an endpoint are there from its start, counters with 0; a
                histogram when something is first recorded. `fairlead_grpc_calls_total` is there with the first call of each status,
                what the kernel counts by endpoint with the first listener there that has it, a certificate's with the certificate.
                They are gone with what they tell of: a listener when it is drained or the config has lost it and its last flow is
                over, an endpoint also when DNS has lost it. One that comes again begins with 0. `fairlead_drain_cut_total` of a listener
                stays when its drain had to cut something, of the last 64 that are gone; one that comes again goes on with it.

                | metric | kind | labels | meaning |
                |---|---|---|---|
                """);
        for (Metric metric : Metric.values()) {
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            metric.title(),
                            metric.kind().name().toLowerCase(Locale.ROOT),
                            String.join(", ", metric.labels()),
                            metric.help()));
        }
        return page.toString();
    }
}
