package dev.fairlead.upstream;

import java.util.Comparator;

/// By what the greatest of many flows are chosen: the greatest first.
public enum FlowOrder {
    BYTES(Comparator.comparingLong(LiveFlow::bytes).reversed()),
    AGE(Comparator.comparingLong(LiveFlow::ageNanos).reversed()),
    RATE(Comparator.comparingLong(LiveFlow::bytesPerSecond).reversed());

    private final Comparator<LiveFlow> order;

    FlowOrder(Comparator<LiveFlow> order) {
        this.order = order;
    }

    public Comparator<LiveFlow> order() {
        return order;
    }
}
