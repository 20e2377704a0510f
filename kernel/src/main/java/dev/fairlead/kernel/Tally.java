package dev.fairlead.kernel;

import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// The metrics of one listener. The sweeping thread writes.
public final class Tally {
    private final Histogram connects;
    private final Counter connections;
    private final Counter packetsIn;
    private final Counter packetsOut;
    private final Counter bytesIn;
    private final Counter bytesOut;
    private final Map<FlowEnd, Counter> ends = new EnumMap<>(FlowEnd.class);
    private final Map<Loss, Counter> losses = new EnumMap<>(Loss.class);

    public Tally(String listener, Metrics metrics) {
        connects = metrics.histogram(Metric.FLOW_CONNECT_SECONDS, listener);
        connections = metrics.counter(Metric.LISTENER_CONNECTIONS, listener);
        packetsIn = metrics.counter(Metric.KERNEL_PACKETS, listener, "in");
        packetsOut = metrics.counter(Metric.KERNEL_PACKETS, listener, "out");
        bytesIn = metrics.counter(Metric.FLOW_BYTES, listener, "in");
        bytesOut = metrics.counter(Metric.FLOW_BYTES, listener, "out");
        for (FlowEnd end : FlowEnd.values()) {
            ends.put(end, metrics.counter(Metric.FLOWS, listener, end.word()));
        }
        for (Loss loss : Loss.values()) {
            losses.put(loss, metrics.counter(Metric.KERNEL_LOST, listener, loss.word()));
        }
    }

    public void more(Account.Count count) {
        connections.add(count.flows());
        packetsIn.add(count.packetsIn());
        packetsOut.add(count.packetsOut());
        bytesIn.add(count.bytesIn());
        bytesOut.add(count.bytesOut());
    }

    void connected(long nanos) {
        connects.record(nanos);
    }

    public void ended(FlowEnd end, long count) {
        Objects.requireNonNull(ends.get(end)).add(count);
    }

    public void lost(Loss loss, long count) {
        Objects.requireNonNull(losses.get(loss)).add(count);
    }
}
