package dev.fairlead.l4;

import dev.fairlead.config.Address;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.LogLine;
import dev.fairlead.net.Loop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What there is to say of a flow that has ended. `endpoint` is the one that served it, else the last one asked, as
/// [dev.fairlead.config.EndpointAddress#place] says it; null when none was. `uniqueId`: of the PROXY protocol, where
/// the flow has one. Times count from its begin; one that never came is 0.
record FlowRecord(
        String listener,
        @Nullable InetSocketAddress client,
        String upstream,
        @Nullable String endpoint,
        long connectNanos,
        long firstByteNanos,
        long durationNanos,
        long bytesIn,
        long bytesOut,
        int attempts,
        FlowOutcome outcome,
        @Nullable String uniqueId) {

    void writeTo(AccessLog log, Loop loop) {
        LogLine line = log.line(loop);
        switch (log.format()) {
            case JSON -> json(line);
            case COMBINED -> combined(line);
        }
        log.write(line);
    }

    private void json(LogLine line) {
        line.time("time")
                .field("listener", listener)
                .field("client", clientText())
                .field("upstream", upstream)
                .field("endpoint", endpoint)
                .millis("connectMillis", connectNanos)
                .millis("firstByteMillis", firstByteNanos)
                .millis("durationMillis", durationNanos)
                .field("bytesIn", bytesIn)
                .field("bytesOut", bytesOut)
                .field("attempts", attempts)
                .field("outcome", outcome.word());
        if (uniqueId != null) {
            line.field("uniqueId", uniqueId);
        }
    }

    /// The combined format has no place for a flow: the client and the time stand where they always do, the rest
    /// says its name.
    private void combined(LogLine line) {
        line.text(clientText()).raw(" - - ").ncsaTime();
        line.raw(" \"TCP ").text(listener).raw(" ").text(upstream).raw(" ");
        line.text(endpoint).raw("\" ").raw(outcome.word());
        line.raw(" in=").number(bytesIn).raw(" out=").number(bytesOut);
        line.raw(" connect=").seconds(connectNanos);
        line.raw(" first-byte=").seconds(firstByteNanos).raw(" duration=").seconds(durationNanos);
        line.raw(" attempts=").number(attempts);
        if (uniqueId != null) {
            line.raw(" id=").text(uniqueId);
        }
    }

    private @Nullable String clientText() {
        return client == null ? null : text(client);
    }

    static String text(InetSocketAddress address) {
        return new Address(address.getAddress(), address.getPort()).toString();
    }
}
