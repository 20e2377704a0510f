package dev.fairlead.http.compress;

import com.aayushatharva.brotli4j.encoder.Encoder.Mode;
import com.aayushatharva.brotli4j.encoder.EncoderJNI.Operation;
import com.aayushatharva.brotli4j.encoder.EncoderJNI.Wrapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// Brotli (RFC 7932) by its own library, for one body: what has ended cannot begin again. One loop.
final class BrotliEncoder implements Coder {
    /// 256 KiB: see [ZstdEncoder].
    private static final int WINDOW_BITS = 18;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final int level;
    private final Wrapper encoder;
    /// The encoder's own memory, until it is called again.
    private ByteBuffer pulled = NOTHING;
    /// It was told of the goal.
    private boolean isTold;

    BrotliEncoder(int level) {
        this.level = level;
        try {
            encoder = new Wrapper(CompressionLane.SLICE, level, WINDOW_BITS, Mode.GENERIC);
        } catch (IOException e) {
            throw new UncheckedIOException("no memory for an encoder", e);
        }
    }

    @Override
    public Coding coding() {
        return Coding.BR;
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    public void begin() {}

    @Override
    public boolean isReusable() {
        return false;
    }

    @Override
    public Step step(Goal goal, ByteBuffer in, ByteBuffer out) {
        while (true) {
            if (pulled.hasRemaining()) {
                int size = Math.min(pulled.remaining(), out.remaining());
                out.put(pulled.slice().limit(size));
                pulled.position(pulled.position() + size);
                if (pulled.hasRemaining()) {
                    return Step.FULL;
                }
            }
            if (encoder.hasMoreOutput()) {
                pulled = encoder.pull();
            } else if (encoder.hasRemainingInput()) {
                push(goal, 0);
            } else if (in.hasRemaining()) {
                int size = in.remaining();
                encoder.getInputBuffer().clear().put(in);
                push(Goal.TAKE, size);
            } else if (goal != Goal.TAKE && !isTold) {
                isTold = true;
                push(goal, 0);
            } else {
                isTold = false;
                return Step.REACHED;
            }
        }
    }

    private void push(Goal goal, int size) {
        Operation operation = switch (goal) {
            case TAKE -> Operation.PROCESS;
            case FLUSH -> Operation.FLUSH;
            case END -> Operation.FINISH;
        };
        encoder.push(operation, size);
        if (!encoder.isSuccess()) {
            throw new IllegalStateException("the encoder failed");
        }
    }

    @Override
    public void close() {
        encoder.destroy();
    }
}
