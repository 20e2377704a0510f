package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/// Heads of requests that no connection carries: read and written as one would do it. Any thread.
public final class HeadText {
    private HeadText() {}

    /// What a connection would make of it.
    public sealed interface Reading {
        record Whole(RequestHead head) implements Reading {}

        /// The status that it would be answered with, and why.
        record Refused(int status, String reason) implements Reading {}
    }

    /// Reads a start line and fields, each line and the last, empty one ended by CRLF.
    public static Reading read(byte[] text, HttpLimits limits, Upgrades upgrades) {
        var head = new RequestHead();
        var reader = new RequestReader(head, limits, upgrades);
        reader.reset();
        ByteBuf in = Unpooled.wrappedBuffer(text);
        boolean isOver = reader.read(in);
        in.release();
        HeadError wrong = reader.error();
        if (wrong == null && !isOver) {
            throw new IllegalArgumentException("no whole head");
        }
        if (wrong == null) {
            wrong = reader.finish();
        }
        return wrong == null ? new Reading.Whole(head) : new Reading.Refused(wrong.status(), wrong.text());
    }

    /// The lines that an endpoint of this host would be sent.
    public static List<String> lines(RequestHead head, String endpoint) {
        var out = new Bytes(1024);
        RequestWriter.head(head, endpoint, out);
        return out.toString().lines().filter(line -> !line.isEmpty()).toList();
    }
}
