package dev.fairlead.admin;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UdpListenerSpec;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.health.OutlierDetector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What runs now as trees for the admin API: listeners, upstreams, endpoints.
final class StateTree {
    private StateTree() {}

    static List<Object> listeners(Operations operations) {
        List<Object> all = new ArrayList<>();
        operations.planes().forEach(plane -> all.add(listener(plane, "-")));
        for (Operations.Departed departed : operations.departed()) {
            Plane plane = departed.plane();
            if (plane == null) {
                all.add(drained(departed.listener()));
            } else {
                all.add(listener(plane, draining(plane.open(), departed.deadlineNanos())));
            }
        }
        return all;
    }

    private static Object drained(String listener) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", listener);
        tree.put("protocol", "-");
        tree.put("carrier", "-");
        tree.put("address", "-");
        tree.put("addresses", List.of());
        tree.put("connections", 0);
        tree.put("tunnels", 0);
        tree.put("state", "drained");
        return tree;
    }

    /// The countdown: what is left, and for how long.
    private static String draining(int left, @Nullable Long deadlineNanos) {
        String flows = "draining, " + left + (left == 1 ? " flow" : " flows");
        if (deadlineNanos == null) {
            return flows;
        }
        long seconds = Math.max(0, TimeUnit.NANOSECONDS.toSeconds(deadlineNanos - System.nanoTime() + 999_999_999));
        return flows + ", " + seconds + "s left";
    }

    private static Object listener(Plane plane, String state) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", plane.spec().name());
        tree.put(
                "protocol",
                switch (plane.spec()) {
                    case TcpListenerSpec _ -> "tcp";
                    case UdpListenerSpec _ -> "udp";
                    case HttpListenerSpec _ -> "http";
                });
        tree.put("carrier", plane.carrier().word());
        List<String> addresses =
                plane.boundAddresses().stream().map(AddressRange::toString).toList();
        tree.put("address", String.join(", ", addresses));
        tree.put("addresses", addresses);
        tree.put("connections", plane.open());
        tree.put("tunnels", plane.openTunnels());
        tree.put("max-connections", plane.spec().maxConnections());
        tree.put("state", state);
        return tree;
    }

    /// Made as it is gone through.
    static Iterable<Object> upstreams(Operations operations) {
        return () -> operations.upstreams().all().stream()
                .map(upstream -> upstream(upstream, operations))
                .iterator();
    }

    private static Object upstream(Upstream upstream, Operations operations) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", upstream.name());
        tree.put("balancer", word(upstream.spec().balancer().algorithm()));
        tree.put("queue", upstream.queue().length());
        tree.put("queue-max", upstream.spec().queue().max());
        tree.put("breaker", upstream.spec().breaker() == null ? "off" : word(upstream.breakerState()));
        tree.put("panic", upstream.isPanicking());
        Iterable<Object> endpoints = () -> upstream.endpoints().stream()
                .map(endpoint -> endpoint(endpoint, operations.drainDeadlineNanos(endpoint)))
                .iterator();
        tree.put("endpoints", endpoints);
        return tree;
    }

    static Object endpoint(Endpoint endpoint, @Nullable Long drainDeadlineNanos) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("address", endpoint.name());
        tree.put("from", endpoint.origin().source());
        tree.put("labels", endpoint.spec().labels());
        tree.put("weight", endpoint.weight());
        tree.put("health", word(endpoint.health()));
        tree.put("manual", word(endpoint.manual()));
        tree.put("state", state(endpoint, drainDeadlineNanos));
        tree.put("ejected", endpoint.isEjected());
        tree.put("slow-start-percent", endpoint.slowStartPercent());
        tree.put("limit", endpoint.limit());
        tree.put("active", endpoint.active());
        tree.put("connections", endpoint.connections());
        tree.put("picks", endpoint.picks());
        tree.put("connect-failures", endpoint.connectFailures());
        // Bounds of histogram buckets: the true value is at most this, and more than half of it.
        Histogram latency = endpoint.latency();
        tree.put("latency-p50-ms", latency == null ? 0.0 : millis(latency.quantileNanos(0.5)));
        tree.put("latency-p99-ms", latency == null ? 0.0 : millis(latency.quantileNanos(0.99)));
        return tree;
    }

    /// What there is to say of it besides its health, in words: what an operator said goes first.
    private static String state(Endpoint endpoint, @Nullable Long drainDeadlineNanos) {
        return switch (endpoint.manual()) {
            case DRAIN -> endpoint.active() == 0 ? "drained" : draining(endpoint.active(), drainDeadlineNanos);
            case DOWN -> "down by hand";
            case UP -> "up by hand";
            case AUTO -> auto(endpoint);
        };
    }

    private static String auto(Endpoint endpoint) {
        OutlierDetector.Cause cause = endpoint.ejectedFor();
        if (cause != null) {
            return "ejected: " + word(cause);
        }
        int percent = endpoint.slowStartPercent();
        return percent < 100 ? "slow start " + percent + "%" : "-";
    }

    private static double millis(long nanos) {
        return Math.rint(nanos / 1e3) / 1e3;
    }

    private static String word(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
