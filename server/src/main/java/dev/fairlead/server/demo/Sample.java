package dev.fairlead.server.demo;

import dev.fairlead.admin.AdminClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/// What the admin API said at one moment.
record Sample(long nanos, List<ListenerSample> listeners, List<EndpointSample> endpoints, Map<String, Double> metrics) {
    private static final String LATENCY = "fairlead_endpoint_latency_seconds_bucket";

    /// `done` counts the exchanges or flows that have ended.
    record ListenerSample(String name, String protocol, String address, long open, long done) {}

    record EndpointSample(
            String upstream, String address, String health, long connections, long picks, long connectFailures) {}

    static Sample of(AdminClient admin) throws IOException {
        Map<String, Double> metrics = admin.metrics();
        List<ListenerSample> listeners = new ArrayList<>();
        for (Map<String, Object> listener : admin.listeners()) {
            listeners.add(listener(listener, metrics));
        }
        List<EndpointSample> endpoints = new ArrayList<>();
        for (Map<String, Object> upstream : admin.upstreams()) {
            for (Map<String, Object> endpoint :
                    AdminClient.objects(Objects.requireNonNull(upstream.get("endpoints")))) {
                endpoints.add(endpoint(text(upstream, "name"), endpoint));
            }
        }
        return new Sample(System.nanoTime(), listeners, endpoints, metrics);
    }

    private static ListenerSample listener(Map<String, Object> tree, Map<String, Double> metrics) {
        String name = text(tree, "name");
        String protocol = text(tree, "protocol");
        String counter = protocol.equals("http") ? "fairlead_http_exchanges_total" : "fairlead_flows_total";
        String prefix = counter + "{listener=\"" + name + "\"";
        double done = metrics.entrySet().stream()
                .filter(series -> series.getKey().startsWith(prefix))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        return new ListenerSample(name, protocol, text(tree, "address"), number(tree, "connections"), (long) done);
    }

    private static EndpointSample endpoint(String upstream, Map<String, Object> tree) {
        return new EndpointSample(
                upstream,
                text(tree, "address"),
                text(tree, "health"),
                number(tree, "connections"),
                number(tree, "picks"),
                number(tree, "connect-failures"));
    }

    private static String text(Map<String, Object> tree, String key) {
        return String.valueOf(tree.get(key));
    }

    private static long number(Map<String, Object> tree, String key) {
        return tree.get(key) instanceof Number number ? number.longValue() : 0;
    }

    /// The bound, in seconds, of the histogram bucket that holds the given quantile of what happened since `before`
    /// on an endpoint; NaN when nothing did.
    double latencySince(Sample before, EndpointSample endpoint, double quantile) {
        String prefix = LATENCY + "{upstream=\"" + endpoint.upstream + "\",endpoint=\"" + endpoint.address + "\",le=\"";
        NavigableMap<Double, Double> seen = new TreeMap<>();
        metrics.forEach((series, count) -> {
            if (series.startsWith(prefix)) {
                String bound = series.substring(prefix.length(), series.length() - 2);
                seen.put(
                        bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
                        count - before.metrics.getOrDefault(series, 0.0));
            }
        });
        double all = seen.isEmpty() ? 0 : seen.lastEntry().getValue();
        for (Map.Entry<Double, Double> bucket : seen.entrySet()) {
            if (all > 0 && bucket.getValue() >= quantile * all) {
                return bucket.getKey();
            }
        }
        return Double.NaN;
    }

    double secondsSince(Sample before) {
        return (nanos - before.nanos) / 1e9;
    }

    long doneOf(String listener) {
        return listeners.stream()
                .filter(one -> one.name.equals(listener))
                .mapToLong(ListenerSample::done)
                .sum();
    }

    long picksOf(String address) {
        return endpoints.stream()
                .filter(one -> one.address.equals(address))
                .mapToLong(EndpointSample::picks)
                .sum();
    }
}
