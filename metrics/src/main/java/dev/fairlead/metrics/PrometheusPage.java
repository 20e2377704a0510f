package dev.fairlead.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/// The text that a Prometheus server scrapes: exposition format 0.0.4. It is written piece by piece: that of a hundred
/// thousand endpoints is some hundred MiB long. A histogram is on it once something was recorded.
public final class PrometheusPage {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final int PIECE_CHARS = 32 << 10;

    private final StringBuilder piece = new StringBuilder(PIECE_CHARS + (4 << 10));
    private final Appendable to;

    // Of the series that is being written.
    private Metric metric = Metric.values()[0];
    private boolean isBegun;

    /// What stands for a subject in braces; lines of one subject often follow each other.
    private final StringBuilder subjectText = new StringBuilder();

    private @Nullable Subject subject;

    /// Nobody takes the page any more. No gauge can throw it.
    private static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final IOException reason;

        Gone(IOException reason) {
            super(reason);
            this.reason = reason;
        }
    }

    private PrometheusPage(Appendable to) {
        this.to = to;
    }

    /// As [#write], in one piece.
    public static String of(Metrics metrics) {
        var text = new StringBuilder();
        try {
            write(metrics, text);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    /// Appends in pieces, each of whole lines.
    public static void write(Metrics metrics, Appendable to) throws IOException {
        var page = new PrometheusPage(to);
        try {
            for (Metric each : Metric.values()) {
                page.metric = each;
                page.isBegun = false;
                metrics.each(each, page::show);
            }
        } catch (Gone gone) {
            throw gone.reason;
        }
        to.append(page.piece);
    }

    private void show(Subject of, List<String> labels, Object series) {
        if (!isBegun) {
            isBegun = true;
            begin();
        }
        subject(of);
        switch (series) {
            case Counter counter -> line("", labels, "", (double) counter.value());
            case Histogram histogram -> histogram(labels, histogram);
            case Standing standing -> line("", labels, "", standing.value(metric));
            case DoubleSupplier gauge -> line("", labels, "", gauge.getAsDouble());
            default -> throw new AssertionError(series);
        }
        if (piece.length() >= PIECE_CHARS) {
            pass();
        }
    }

    private void begin() {
        piece.append("# HELP ")
                .append(metric.title())
                .append(' ')
                .append(metric.help())
                .append('\n');
        piece.append("# TYPE ").append(metric.title()).append(' ');
        piece.append(metric.kind().name().toLowerCase(Locale.ROOT)).append('\n');
    }

    private void pass() {
        try {
            to.append(piece);
        } catch (IOException gone) {
            throw new Gone(gone);
        }
        piece.setLength(0);
    }

    @SuppressWarnings("ReferenceEquality") // A subject is itself.
    private void subject(Subject of) {
        if (of != subject) {
            subject = of;
            subjectText.setLength(0);
            names(of);
        }
    }

    private void names(Subject of) {
        Subject whole = of.whole();
        if (whole != null) {
            names(whole);
            label(subjectText, of.label(), of.name());
        }
    }

    private void histogram(List<String> labels, Histogram histogram) {
        if (histogram.isEmpty()) {
            return;
        }
        long sum = 0;
        for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
            sum += histogram.countIn(bucket);
            line("_bucket", labels, number(Histogram.boundSeconds(bucket)), (double) sum);
        }
        line("_sum", labels, "", histogram.sumSeconds());
        line("_count", labels, "", (double) sum);
    }

    private void line(String suffix, List<String> labels, String bound, double value) {
        piece.append(metric.title()).append(suffix);
        int open = piece.length();
        piece.append(subjectText);
        int first = metric.subject().size();
        for (int i = 0; i < labels.size(); i++) {
            label(piece, metric.labels().get(first + i), labels.get(i));
        }
        if (!bound.isEmpty()) {
            label(piece, "le", bound);
        }
        if (piece.length() > open) {
            piece.setCharAt(open, '{');
            piece.append('}');
        }
        piece.append(' ').append(number(value)).append('\n');
    }

    /// The comma before the first label of a line becomes the brace.
    private static void label(StringBuilder text, String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        text.append(',').append(name).append("=\"").append(escaped).append('"');
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
