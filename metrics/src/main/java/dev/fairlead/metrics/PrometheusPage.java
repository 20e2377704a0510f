package dev.fairlead.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/// The text that a Prometheus server scrapes: exposition format 0.0.4.
public final class PrometheusPage {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder page = new StringBuilder(16 << 10);

    private PrometheusPage() {}

    public static String of(Metrics metrics) {
        var page = new PrometheusPage();
        for (Metric metric : Metric.values()) {
            Map<List<String>, Object> series = metrics.series(metric);
            if (!series.isEmpty()) {
                page.write(metric, series);
            }
        }
        return page.page.toString();
    }

    private void write(Metric metric, Map<List<String>, Object> series) {
        page.append("# HELP ")
                .append(metric.title())
                .append(' ')
                .append(metric.help())
                .append('\n');
        page.append("# TYPE ").append(metric.title()).append(' ');
        page.append(metric.kind().name().toLowerCase(Locale.ROOT)).append('\n');
        series.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .forEach(entry -> write(metric, entry.getKey(), entry.getValue()));
    }

    private void write(Metric metric, List<String> labels, Object series) {
        switch (series) {
            case Counter counter -> line(metric, "", labels, "", (double) counter.value());
            case Histogram histogram -> write(metric, labels, histogram);
            case DoubleSupplier gauge -> line(metric, "", labels, "", gauge.getAsDouble());
            default -> throw new AssertionError(series);
        }
    }

    private void write(Metric metric, List<String> labels, Histogram histogram) {
        long sum = 0;
        for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
            sum += histogram.countIn(bucket);
            line(metric, "_bucket", labels, number(Histogram.boundSeconds(bucket)), (double) sum);
        }
        line(metric, "_sum", labels, "", histogram.sumSeconds());
        line(metric, "_count", labels, "", (double) sum);
    }

    private void line(Metric metric, String suffix, List<String> labels, String bound, double value) {
        page.append(metric.title()).append(suffix);
        char open = '{';
        for (int i = 0; i < labels.size(); i++) {
            label(open, metric.labels().get(i), labels.get(i));
            open = ',';
        }
        if (!bound.isEmpty()) {
            label(open, "le", bound);
            open = ',';
        }
        page.append(open == ',' ? "} " : " ").append(number(value)).append('\n');
    }

    private void label(char open, String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        page.append(open).append(name).append("=\"").append(escaped).append('"');
    }

    private static String number(double value) {
        if (value == Double.POSITIVE_INFINITY) {
            return "+Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
