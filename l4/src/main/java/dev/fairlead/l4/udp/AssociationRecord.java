package dev.fairlead.l4.udp;

import dev.fairlead.config.Address;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.LogLine;
import dev.fairlead.net.Loop;
import java.net.InetSocketAddress;

/// What the access log says of an association that is over.
final class AssociationRecord {
    private AssociationRecord() {}

    static void write(Association over, AssociationEnd how, long nowNanos, AccessLog log, Loop loop) {
        LogLine line = log.line(loop);
        switch (log.format()) {
            case JSON -> json(line, over, how, nowNanos);
            case COMBINED -> combined(line, over, how, nowNanos);
        }
        log.write(line);
    }

    private static void json(LogLine line, Association over, AssociationEnd how, long nowNanos) {
        line.time("time")
                .field("listener", over.terms().spec().name())
                .field("client", text(over.client()))
                .field("upstream", over.terms().upstream().name())
                .field("endpoint", over.place())
                .millis("durationMillis", nowNanos - over.startNanos())
                .field("datagramsIn", over.datagramsIn())
                .field("datagramsOut", over.datagramsOut())
                .field("bytesIn", over.bytesIn())
                .field("bytesOut", over.bytesOut())
                .field("outcome", how.word());
    }

    /// As of a TCP flow: the client and the time stand where the format has them, the rest says its name.
    private static void combined(LogLine line, Association over, AssociationEnd how, long nowNanos) {
        line.text(text(over.client())).raw(" - - ").ncsaTime();
        line.raw(" \"UDP ").text(over.terms().spec().name()).raw(" ");
        line.text(over.terms().upstream().name()).raw(" ").text(over.place());
        line.raw("\" ").raw(how.word());
        line.raw(" in=").number(over.bytesIn()).raw(" out=").number(over.bytesOut());
        line.raw(" datagrams-in=").number(over.datagramsIn());
        line.raw(" datagrams-out=").number(over.datagramsOut());
        line.raw(" duration=").seconds(nowNanos - over.startNanos());
    }

    static String text(InetSocketAddress client) {
        return new Address(client.getAddress(), client.getPort()).toString();
    }
}
