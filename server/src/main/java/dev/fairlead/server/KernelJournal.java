package dev.fairlead.server;

import dev.fairlead.config.Address;
import dev.fairlead.kernel.EndedFlow;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.LogLine;

/// Records the flows that Linux has carried in the access log, in the words that flows on sockets have there. One
/// thread writes, whose lane is behind those of the loops.
record KernelJournal(AccessLog log, int lane) implements EndedFlow.Journal {
    @Override
    public void write(EndedFlow flow) {
        LogLine line = log.line(lane);
        String client = new Address(flow.client().getAddress(), flow.client().getPort()).toString();
        switch (log.format()) {
            case JSON -> json(line, flow, client);
            case COMBINED -> combined(line, flow, client);
        }
        log.write(line);
    }

    private static void json(LogLine line, EndedFlow flow, String client) {
        line.time("time")
                .field("listener", flow.listener())
                .field("client", client)
                .field("upstream", flow.upstream())
                .field("endpoint", flow.endpoint())
                .millis("connectMillis", flow.connectNanos())
                .millis("firstByteMillis", flow.firstByteNanos())
                .millis("durationMillis", flow.durationNanos())
                .field("bytesIn", flow.bytesIn())
                .field("bytesOut", flow.bytesOut())
                .field("outcome", flow.outcome())
                .field("carrier", "kernel");
    }

    private static void combined(LogLine line, EndedFlow flow, String client) {
        line.text(client).raw(" - - ").ncsaTime();
        line.raw(" \"")
                .raw(flow.protocol())
                .raw(" ")
                .text(flow.listener())
                .raw(" ")
                .text(flow.upstream());
        line.raw(" ").text(flow.endpoint()).raw("\" ").raw(flow.outcome());
        line.raw(" in=").number(flow.bytesIn()).raw(" out=").number(flow.bytesOut());
        line.raw(" connect=").seconds(flow.connectNanos());
        line.raw(" first-byte=").seconds(flow.firstByteNanos());
        line.raw(" duration=").seconds(flow.durationNanos());
    }
}
