package dev.fairlead.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
}
