package dev.fairlead.admin;

import dev.fairlead.config.Address;
import dev.fairlead.upstream.FlowOrder;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Why;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The greatest live flows as a tree for the admin API.
final class FlowTree {
    static final int COUNT = 20;
    private static final int COUNT_MAX = 1000;

    /// A loop that has not answered by then is stuck, which is worth an answer too.
    private static final long LOOPS_MILLIS = 2_000;

    private FlowTree() {}

    /// Of `top=20&by=bytes&client=10.1.2.3`; null when it is no such thing.
    static @Nullable FlowQuestion question(@Nullable String query) {
        int count = COUNT;
        FlowOrder order = FlowOrder.BYTES;
        Address client = null;
        for (String part : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            switch (part) {
                case "by=bytes" -> order = FlowOrder.BYTES;
                case "by=age" -> order = FlowOrder.AGE;
                case "by=rate" -> order = FlowOrder.RATE;
                default -> {
                    if (part.matches("top=[0-9]{1,4}")) {
                        count = Integer.parseInt(part.substring("top=".length()));
                    } else if (part.startsWith("client=")) {
                        client = client(part.substring("client=".length()));
                        if (client == null) {
                            return null;
                        }
                    } else {
                        return null;
                    }
                }
            }
        }
        return count >= 1 && count <= COUNT_MAX ? new FlowQuestion(order, count, client) : null;
    }

    private static @Nullable Address client(String encoded) {
        try {
            return Address.ofClient(URLDecoder.decode(encoded, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    /// Null when the loops do not answer. Blocks for that long.
    static @Nullable List<Object> of(Collection<Plane> planes, FlowQuestion question) {
        List<CompletableFuture<List<LiveFlow>>> asked =
                planes.stream().map(plane -> plane.flows(question)).toList();
        List<LiveFlow> all = new ArrayList<>();
        try {
            CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).get(LOOPS_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException stuck) {
            return null;
        } catch (ExecutionException broken) {
            throw new IllegalStateException("flows", broken.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
        asked.forEach(flows -> all.addAll(flows.join()));
        return question.first(all.stream()).stream().map(FlowTree::flow).toList();
    }

    private static Object flow(LiveFlow flow) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("listener", flow.listener());
        tree.put("client", flow.client());
        tree.put("upstream", flow.upstream());
        tree.put("endpoint", flow.endpoint() == null ? "-" : flow.endpoint());
        Why why = flow.why();
        tree.put("why", why == null ? "-" : why.word());
        tree.put("age-ms", TimeUnit.NANOSECONDS.toMillis(flow.ageNanos()));
        tree.put("bytes-in", flow.bytesIn());
        tree.put("bytes-out", flow.bytesOut());
        tree.put("bytes-per-second", flow.bytesPerSecond());
        return tree;
    }

    static String usage() {
        return "/flows takes top=1 to " + COUNT_MAX + ", client=IP and by="
                + String.join(
                        " or ",
                        List.of(FlowOrder.values()).stream()
                                .map(order -> order.name().toLowerCase(Locale.ROOT))
                                .toList());
    }
}
