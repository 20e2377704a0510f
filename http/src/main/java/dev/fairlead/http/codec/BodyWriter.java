package dev.fairlead.http.codec;

import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes the body of an HTTP/1 message: in chunks, or as it is. One thread.
final class BodyWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_CHUNK = "0\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Outbox outbox;
    private final Bytes scratch;
    private boolean chunked;
    private boolean open;

    BodyWriter(Outbox outbox, Bytes scratch) {
        this.outbox = outbox;
        this.scratch = scratch;
    }

    void begin(boolean inChunks) {
        chunked = inChunks;
        open = false;
    }

    /// Takes the buffer.
    void piece(ByteBuf data) {
        if (!chunked) {
            outbox.put(data);
            return;
        }
        int size = data.readableBytes();
        if (size == 0) {
            // A chunk of no bytes would be the last.
            data.release();
            return;
        }
        scratch.clear();
        endChunk();
        int digits = 8 - Integer.numberOfLeadingZeros(size) / 4;
        for (int i = digits - 1; i >= 0; i--) {
            scratch.put(HEX[size >>> 4 * i & 15]);
        }
        scratch.put((byte) '\r').put((byte) '\n');
        outbox.put(scratch);
        outbox.put(data);
        open = true;
    }

    void end(@Nullable Fields trailers) {
        if (!chunked) {
            return;
        }
        scratch.clear();
        endChunk();
        scratch.put(LAST_CHUNK);
        if (trailers != null) {
            trailers.putLines(scratch);
        }
        scratch.put((byte) '\r').put((byte) '\n');
        outbox.put(scratch);
    }

    /// Nothing follows for now: what has been written must be whole, a chunk with its CRLF too.
    void settle() {
        if (open) {
            scratch.clear();
            endChunk();
            outbox.put(scratch);
        }
    }

    /// The CRLF behind a chunk goes with what follows it, so that it seldom costs a buffer of its own.
    private void endChunk() {
        if (open) {
            scratch.put((byte) '\r').put((byte) '\n');
            open = false;
        }
    }
}
