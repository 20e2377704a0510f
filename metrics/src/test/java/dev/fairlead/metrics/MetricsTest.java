package dev.fairlead.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void oneSeriesIsOneCounter() {
        metrics.counter(Metric.FLOWS, "db", "done").increment();
        metrics.counter(Metric.FLOWS, "db", "done").add(2);
        metrics.counter(Metric.FLOWS, "db", "idle").increment();

        assertThat(metrics.counter(Metric.FLOWS, "db", "done").value()).isEqualTo(3);
        assertThat(metrics.counter(Metric.FLOWS, "db", "idle").value()).isEqualTo(1);
    }

    @Test
    void refusesWhatTheMetricIsNot() {
        assertThatIllegalArgumentException().isThrownBy(() -> metrics.counter(Metric.FLOWS, "db"));
        assertThatIllegalArgumentException().isThrownBy(() -> metrics.histogram(Metric.FLOWS, "db", "done"));
        assertThatIllegalArgumentException().isThrownBy(() -> metrics.gauge(Metric.FLOWS, () -> 1, "db", "done"));
    }

    @Test
    void forgetsAListenerAndNoOther() {
        metrics.counter(Metric.LISTENER_CONNECTIONS, "web").increment();
        metrics.counter(Metric.FLOWS, "web", "done").increment();
        metrics.counter(Metric.LISTENER_CONNECTIONS, "db").increment();
        metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "web").increment();

        metrics.removeListener("web");

        assertThat(PrometheusPage.of(metrics))
                .doesNotContain("listener=\"web\"")
                .contains("listener=\"db\"")
                .contains("upstream=\"web\"");
    }

    @Test
    void forgetsAnEndpointOfOneUpstreamOnly() {
        metrics.counter(Metric.ENDPOINT_PICKS, "app", "10.0.0.1:80").increment();
        metrics.counter(Metric.ENDPOINT_PICKS, "app", "10.0.0.2:80").increment();
        metrics.counter(Metric.ENDPOINT_PICKS, "api", "10.0.0.1:80").increment();

        metrics.removeEndpoint("app", "10.0.0.1:80");

        assertThat(PrometheusPage.of(metrics))
                .doesNotContain("upstream=\"app\",endpoint=\"10.0.0.1:80\"")
                .contains("upstream=\"app\",endpoint=\"10.0.0.2:80\"")
                .contains("upstream=\"api\",endpoint=\"10.0.0.1:80\"");
    }

    @Test
    void forgetsAnUpstreamWithItsEndpoints() {
        metrics.counter(Metric.ENDPOINT_PICKS, "app", "10.0.0.1:80").increment();
        metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "app").increment();
        metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, "api").increment();

        metrics.removeUpstream("app");

        assertThat(PrometheusPage.of(metrics))
                .doesNotContain("upstream=\"app\"")
                .contains("upstream=\"api\"");
    }

    @Test
    void forgetsASourceAndNoEndpoint() {
        metrics.counter(Metric.ENDPOINT_PICKS, "app", "10.0.0.1:80").increment();
        metrics.gauge(Metric.DISCOVERY_ENDPOINTS, () -> 3, "app", "dns");

        metrics.removeSource("app", "dns");

        assertThat(PrometheusPage.of(metrics)).doesNotContain("dns").contains("10.0.0.1:80");
    }

    @Test
    void forgetsOneSeries() {
        metrics.counter(Metric.FLOWS, "web", "done").increment();
        metrics.counter(Metric.FLOWS, "web", "idle").increment();
        metrics.counter(Metric.FLOW_BYTES, "web", "in").increment();

        metrics.remove(Metric.FLOWS, "web", "done");
        metrics.remove(Metric.FLOWS, "web", "never");

        assertThat(PrometheusPage.of(metrics))
                .doesNotContain("outcome=\"done\"")
                .contains("outcome=\"idle\"")
                .contains("direction=\"in\"");
    }

    @Test
    void forgettingWhatIsNotThereMakesNothing() {
        metrics.removeEndpoint("app", "10.0.0.1:80");
        metrics.removeSource("app", "dns");
        metrics.removeListener("web");

        assertThat(PrometheusPage.of(metrics)).isEmpty();
    }

    @Test
    void whatIsForgottenBeginsAnew() {
        Counter before = metrics.counter(Metric.FLOWS, "web", "done");
        before.add(5);
        metrics.removeListener("web");

        before.increment();

        assertThat(metrics.counter(Metric.FLOWS, "web", "done").value()).isZero();
    }

    @Test
    void oneObjectTellsWhatAllSubjectsOfAKindHave() {
        Subject endpoint = metrics.upstream("app").endpoint("10.0.0.1:80");
        endpoint.standing(standing(7));

        assertThat(endpointSeries())
                .containsExactly(
                        "fairlead_endpoint_up{upstream=\"app\",endpoint=\"10.0.0.1:80\"} 7",
                        "fairlead_endpoint_picks_total{upstream=\"app\",endpoint=\"10.0.0.1:80\"} 0",
                        "fairlead_endpoint_bytes_total{upstream=\"app\",endpoint=\"10.0.0.1:80\",direction=\"in\"} 0",
                        "fairlead_endpoint_bytes_total{upstream=\"app\",endpoint=\"10.0.0.1:80\",direction=\"out\"} 0");
    }

    @Test
    void whatWasCountedIsToldInsteadOfWhatStands() {
        Subject endpoint = metrics.upstream("app").endpoint("10.0.0.1:80");
        endpoint.standing(standing(7));

        BothWays.of(endpoint, Metric.ENDPOINT_BYTES).out().add(5);
        endpoint.counter(Metric.ENDPOINT_PICKS).add(3);

        assertThat(endpointSeries())
                .containsExactly(
                        "fairlead_endpoint_up{upstream=\"app\",endpoint=\"10.0.0.1:80\"} 7",
                        "fairlead_endpoint_picks_total{upstream=\"app\",endpoint=\"10.0.0.1:80\"} 3",
                        "fairlead_endpoint_bytes_total{upstream=\"app\",endpoint=\"10.0.0.1:80\",direction=\"in\"} 0",
                        "fairlead_endpoint_bytes_total{upstream=\"app\",endpoint=\"10.0.0.1:80\",direction=\"out\"} 5");
    }

    private static Standing standing(int up) {
        return new Standing() {
            @Override
            public List<List<String>> labels(Metric metric) {
                return switch (metric) {
                    case ENDPOINT_UP, ENDPOINT_PICKS -> ONE;
                    case ENDPOINT_BYTES -> IN_AND_OUT;
                    default -> List.of();
                };
            }

            @Override
            public double value(Metric metric) {
                return metric == Metric.ENDPOINT_UP ? up : 0;
            }
        };
    }

    private List<String> endpointSeries() {
        return PrometheusPage.of(metrics)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    @Test
    void aGaugeThatIsPutAgainReplacesTheOneBefore() {
        metrics.gauge(Metric.UDP_FLOWS_OPEN, () -> 1, "dns");
        assertThat(PrometheusPage.of(metrics)).contains("{listener=\"dns\"} 1\n");

        metrics.gauge(Metric.UDP_FLOWS_OPEN, () -> 2, "dns");

        assertThat(PrometheusPage.of(metrics))
                .contains("{listener=\"dns\"} 2\n")
                .doesNotContain("{listener=\"dns\"} 1\n");
    }

    /// Two listeners come, are scraped, and go, at once.
    @Test
    void isReadWhileItChanges() throws InterruptedException {
        var isOver = new AtomicBoolean();
        Thread changing = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 2_000; i++) {
                for (Metric metric : Metric.values()) {
                    if (metric.kind() == Metric.Kind.COUNTER && metric.labels().equals(List.of("listener", "reason"))) {
                        metrics.counter(metric, "l" + i % 7, "r" + i % 5).increment();
                    }
                }
                metrics.removeListener("l" + (i + 3) % 7);
            }
            isOver.set(true);
        });
        while (!isOver.get()) {
            assertThat(PrometheusPage.of(metrics).lines())
                    .filteredOn(line -> !line.startsWith("#"))
                    .allMatch(line -> line.matches("fairlead_\\w+\\{listener=\"l\\d\",reason=\"r\\d\"} \\d+"));
        }
        changing.join();
    }

    @Test
    void rowsStayInOrderHoweverTheyCome() {
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            metrics.counter(Metric.CACHE_SENT_BYTES, "web", "r" + random.nextInt(1000))
                    .increment();
        }

        List<String> lines = PrometheusPage.of(metrics)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf('}')))
                .toList();

        assertThat(lines).isSorted().doesNotHaveDuplicates().hasSizeGreaterThan(150);
    }
}
