package dev.fairlead.http.compress;

import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A response whose body is decoded for its client: its head and the first bytes of it, until it is known that they
/// are good ones, so that the client of one that is broken, or a bomb, gets a 502; and how much of it there is. The
/// exchange's loop only.
final class Decoded {
    /// So much is looked at before anything is sent, and is no bomb, however little it was made of.
    static final int FIRST = 64 << 10;

    private final ResponseHead head;
    private final long bytesMax;
    private final long ratioMax;
    private final Queue<ByteBuf> held = new ArrayDeque<>(4);
    private long in;
    private long out;
    private boolean isSent;

    Decoded(ResponseHead coded, long bytesMax, long ratioMax) {
        this.head = head(coded);
        this.bytesMax = bytesMax;
        this.ratioMax = ratioMax;
    }

    /// What the head becomes; one of its own.
    static ResponseHead head(ResponseHead coded) {
        ResponseHead own = coded.copy();
        CodedFields.decode(own.fields());
        own.contentLength(coded.isBodiless() ? 0 : ResponseHead.UNKNOWN);
        return own;
    }

    /// A step has made so many bytes of so many. What is wrong with that; null: nothing.
    @Nullable
    Fault account(Coder.Step step, int taken, int made) {
        if (step == Coder.Step.BROKEN) {
            return Fault.RESPONSE_CONTENT_CODING;
        }
        in += taken;
        out += made;
        return out > bytesMax || out > FIRST && out / ratioMax > in ? Fault.RESPONSE_BODY_TOO_LARGE : null;
    }

    /// Takes the buffer.
    void body(ByteBuf data, Downstream client) {
        if (isSent) {
            client.body(data);
            return;
        }
        held.add(data);
        if (out > FIRST) {
            send(client);
        }
    }

    boolean isSent() {
        return isSent;
    }

    /// What is held goes out.
    void send(Downstream client) {
        if (!isSent) {
            isSent = true;
            client.respond(head);
            for (ByteBuf each = held.poll(); each != null; each = held.poll()) {
                client.body(each);
            }
        }
    }

    void release() {
        held.forEach(ByteBuf::release);
        held.clear();
    }
}
