package dev.fairlead.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The naming conventions of Prometheus.
class MetricTest {
    @ParameterizedTest
    @EnumSource(Metric.class)
    void isNamedByTheConventions(Metric metric) {
        assertThat(metric.title()).matches("(fairlead|process)_[a-z0-9]+(_[a-z0-9]+)*");
        switch (metric.kind()) {
            case COUNTER -> assertThat(metric.title()).endsWith("_total");
            case GAUGE -> assertThat(metric.title()).doesNotEndWith("_total");
            case HISTOGRAM -> assertThat(metric.title()).endsWith("_seconds");
        }
        assertThat(metric.labels()).allMatch(each -> each.matches("[a-z]+")).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void isExplainedInOneLine(Metric metric) {
        assertThat(metric.help()).endsWith(".").doesNotContain("\n").doesNotContain("\\");
    }

    /// [Metrics] forgets a subject by its first labels.
    @ParameterizedTest
    @EnumSource(Metric.class)
    void namesItsSubjectFirst(Metric metric) {
        if (metric.labels().contains("listener")) {
            assertThat(metric.labels()).first().isEqualTo("listener");
        }
        if (metric.labels().contains("endpoint")) {
            assertThat(metric.subject()).containsExactly("upstream", "endpoint");
        }
        assertThat(metric.subject())
                .isEqualTo(metric.labels().subList(0, metric.subject().size()));
    }

    @Test
    void noTwoHaveOneName() {
        assertThat(Metric.values()).extracting(Metric::title).doesNotHaveDuplicates();
    }
}
