package dev.fairlead.kernel;

import java.net.InetSocketAddress;

/// What there is to say of a flow that is over. `endpoint`: where its packets were led, whether the config
/// still has that or not. Times count from its first packet; one that never came is 0. `durationNanos` goes to its last
/// packet, and so do whole packets in the bytes.
public record EndedFlow(
        String listener,
        String protocol,
        InetSocketAddress client,
        String upstream,
        InetSocketAddress endpoint,
        long connectNanos,
        long firstByteNanos,
        long durationNanos,
        long bytesIn,
        long bytesOut,
        String outcome) {
    /// Where it is recorded. The sweeping thread.
    @FunctionalInterface
    public interface Journal {
        void write(EndedFlow flow);
    }
}
