package dev.fairlead.server;

import dev.fairlead.config.Address;
import dev.fairlead.kernel.EndedFlow;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.LogLine;
import java.net.InetSocketAddress;

/// Records the flows that Linux has carried in the access log, in the words that flows on sockets have there. One
/// thread writes, whose lane is behind those of the loops.
record KernelJournal(AccessLog log, int lane) implements EndedFlow.Journal {
    @Override
    public void write(EndedFlow flow) {
        LogLine line = log.line(lane);
        switch (log.format()) {
            case JSON -> json(line, flow);
            case COMBINED -> combined(line, flow);
        }
        log.write(line);
    }

    private static String text(InetSocketAddress address) {
        return new Address(address.getAddress(), address.getPort()).toString();
    }

    private static void json(LogLine line, EndedFlow flow) {
        line.time("time")
                .field("listener", flow.listener())
                .field("client", text(flow.client()))
                .field("upstream", flow.upstream())
                .field("endpoint", text(flow.endpoint()))
                .millis("connectMillis", flow.connectNanos())
                .millis("firstByteMillis", flow.firstByteNanos())
                .millis("durationMillis", flow.durationNanos())
                .field("bytesIn", flow.bytesIn())
                .field("bytesOut", flow.bytesOut())
                .field("outcome", flow.outcome())
                .field("carrier", "kernel");
    }

    private static void combined(LogLine line, EndedFlow flow) {
        line.text(text(flow.client())).raw(" - - ").ncsaTime();
        line.raw(" \"")
                .raw(flow.protocol())
                .raw(" ")
                .text(flow.listener())
                .raw(" ")
                .text(flow.upstream());
        line.raw(" ").text(text(flow.endpoint())).raw("\" ").raw(flow.outcome());
        line.raw(" in=").number(flow.bytesIn()).raw(" out=").number(flow.bytesOut());
        line.raw(" connect=").seconds(flow.connectNanos());
        line.raw(" first-byte=").seconds(flow.firstByteNanos());
        line.raw(" duration=").seconds(flow.durationNanos());
    }
}
