package dev.fairlead.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrometheusPageTest {
    private final Metrics metrics = new Metrics();

    @Test
    void isEmptyWhenNothingIsCounted() {
        assertThat(PrometheusPage.of(metrics)).isEmpty();
    }

    @Test
    void writesCountersAndGaugesInTheOrderOfTheirLabels() {
        metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "b").add(5_000_000_000L);
        metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "a").increment();
        metrics.gauge(Metric.PROCESS_START_SECONDS, () -> 1.5);

        assertThat(PrometheusPage.of(metrics)).isEqualTo("""
                # HELP fairlead_upstream_no_endpoint_total Picks that found no endpoint to go to: none is left, or the breaker is open.
                # TYPE fairlead_upstream_no_endpoint_total counter
                fairlead_upstream_no_endpoint_total{upstream="a"} 1
                fairlead_upstream_no_endpoint_total{upstream="b"} 5000000000
                # HELP process_start_time_seconds When the process started, Unix time.
                # TYPE process_start_time_seconds gauge
                process_start_time_seconds 1.5
                """);
    }

    @Test
    void escapesTheValuesOfLabels() {
        metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "a\"b\\c\nd").increment();

        assertThat(PrometheusPage.of(metrics)).contains("{upstream=\"a\\\"b\\\\c\\nd\"} 1\n");
    }

    @Test
    void histogramBucketsAddUpToTheCount() {
        Histogram histogram = metrics.histogram(Metric.FLOW_CONNECT_SECONDS, "db");
        histogram.record(1_000);
        histogram.record(100_000);
        histogram.record(Long.MAX_VALUE / 4);

        String page = PrometheusPage.of(metrics);

        assertThat(page)
                .contains("fairlead_flow_connect_seconds_bucket{listener=\"db\",le=\"6.5536E-5\"} 1\n")
                .contains("fairlead_flow_connect_seconds_bucket{listener=\"db\",le=\"1.31072E-4\"} 2\n")
                .contains("fairlead_flow_connect_seconds_bucket{listener=\"db\",le=\"34.359738368\"} 2\n")
                .contains("fairlead_flow_connect_seconds_bucket{listener=\"db\",le=\"+Inf\"} 3\n")
                .contains("fairlead_flow_connect_seconds_count{listener=\"db\"} 3\n");
    }

    @Test
    void aHistogramComesWithWhatIsFirstRecorded() {
        Histogram histogram = metrics.histogram(Metric.FLOW_CONNECT_SECONDS, "db");
        assertThat(PrometheusPage.of(metrics)).doesNotContain("listener=\"db\"");

        histogram.record(0);

        assertThat(PrometheusPage.of(metrics))
                .contains("fairlead_flow_connect_seconds_bucket{listener=\"db\",le=\"+Inf\"} 1\n")
                .contains("fairlead_flow_connect_seconds_sum{listener=\"db\"} 0\n")
                .contains("fairlead_flow_connect_seconds_count{listener=\"db\"} 1\n");
    }

    @Test
    void aCounterIsZeroUntilItCounts() {
        metrics.counter(Metric.FLOWS, "db", "done");

        assertThat(PrometheusPage.of(metrics)).contains("fairlead_flows_total{listener=\"db\",outcome=\"done\"} 0\n");
    }

    @Test
    void aLongPageComesInPiecesOfWholeLines() throws IOException {
        for (int i = 0; i < 5_000; i++) {
            metrics.counter(Metric.ENDPOINT_PICKS, "app", "10.0." + i / 250 + "." + i % 250 + ":80");
        }
        List<String> pieces = new ArrayList<>();

        PrometheusPage.write(metrics, new Pieces(pieces));

        assertThat(pieces).hasSizeGreaterThan(5).allMatch(piece -> piece.endsWith("\n"));
        assertThat(pieces).allMatch(piece -> piece.length() < 64 << 10);
        assertThat(String.join("", pieces).lines()).hasSize(5_002);
        assertThat(String.join("", pieces)).isEqualTo(PrometheusPage.of(metrics));
    }

    @Test
    void aGaugeThatFailsIsNotTakenForAReaderThatHasGone() {
        var reason = new UncheckedIOException(new IOException("on purpose"));
        metrics.gauge(Metric.PROCESS_START_SECONDS, () -> {
            throw reason;
        });

        assertThatThrownBy(() -> PrometheusPage.write(metrics, new StringBuilder()))
                .isSameAs(reason);
    }

    private record Pieces(List<String> all) implements Appendable {
        @Override
        public Appendable append(CharSequence piece) {
            all.add(piece.toString());
            return this;
        }

        @Override
        public Appendable append(CharSequence piece, int start, int end) {
            return append(piece.subSequence(start, end));
        }

        @Override
        public Appendable append(char piece) {
            return append(String.valueOf(piece));
        }
    }
}
