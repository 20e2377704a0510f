package dev.fairlead.server.demo;

import dev.fairlead.server.Table;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The demo's live table: rates and shares over the last few seconds, so that a killed backend is seen at once.
final class Screen {
    private static final int WINDOW = 4;

    private final Map<String, Child> backends;
    private final Deque<Sample> samples = new ArrayDeque<>();

    /// `backends` by their address.
    Screen(Map<String, Child> backends) {
        this.backends = backends;
    }

    void add(Sample sample) {
        samples.addLast(sample);
        if (samples.size() > WINDOW) {
            samples.removeFirst();
        }
    }

    /// The tables, empty until the first sample.
    String text() {
        if (samples.isEmpty()) {
            return "";
        }
        Sample now = samples.getLast();
        Sample before = samples.getFirst();
        return listeners(now, before) + "\n" + endpoints(now, before);
    }

    private static Table listeners(Sample now, Sample before) {
        Table table = new Table("LISTENER", "LAYER", "ADDRESS", "REQUESTS/S", "REQUESTS", "CONNECTIONS");
        for (Sample.ListenerSample listener : now.listeners()) {
            table.row(List.of(
                    listener.name(),
                    listener.protocol().equals("http") ? "7 http" : "4 tcp",
                    listener.address(),
                    rate(listener.done() - before.doneOf(listener.name()), now.secondsSince(before)),
                    Long.toString(listener.done()),
                    Long.toString(listener.open())));
        }
        return table;
    }

    private Table endpoints(Sample now, Sample before) {
        Table table = new Table("ENDPOINT", "HEALTH", "SHARE", "PICKS", "CONNECTIONS", "REFUSED", "P50", "P99", "TRY");
        long all = now.endpoints().stream()
                .mapToLong(endpoint -> endpoint.picks() - before.picksOf(endpoint.address()))
                .sum();
        for (Sample.EndpointSample endpoint : now.endpoints()) {
            long picks = endpoint.picks() - before.picksOf(endpoint.address());
            Child backend = backends.get(endpoint.address());
            table.row(List.of(
                    endpoint.address(),
                    endpoint.health(),
                    all == 0 ? "-" : Math.round(100.0 * picks / all) + "%",
                    Long.toString(endpoint.picks()),
                    Long.toString(endpoint.connections()),
                    Long.toString(endpoint.connectFailures()),
                    millis(now.latencySince(before, endpoint, 0.5)),
                    millis(now.latencySince(before, endpoint, 0.99)),
                    backend == null ? "" : backend.isAlive() ? "kill " + backend.pid() : "(killed)"));
        }
        return table;
    }

    /// Buckets double, so more digits would say nothing.
    private static String millis(double seconds) {
        return Double.isNaN(seconds) ? "-" : String.format(Locale.ROOT, "<%.1f ms", seconds * 1e3);
    }

    private static String rate(long count, double seconds) {
        return seconds <= 0 ? "-" : String.format(Locale.ROOT, "%.1f", count / seconds);
    }
}
