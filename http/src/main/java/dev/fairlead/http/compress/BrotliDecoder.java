package dev.fairlead.http.compress;

import com.aayushatharva.brotli4j.decoder.DecoderJNI.Wrapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// Brotli (RFC 7932) read by its own library, for one body. One loop.
final class BrotliDecoder implements Coder {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Wrapper decoder;
    /// The decoder's own memory, until it is called again.
    private ByteBuffer pulled = NOTHING;

    BrotliDecoder() {
        try {
            decoder = new Wrapper(CompressionLane.SLICE);
        } catch (IOException e) {
            throw new UncheckedIOException("no memory for a decoder", e);
        }
    }

    @Override
    public Coding coding() {
        return Coding.BR;
    }

    @Override
    public int level() {
        return 0;
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
            int size = Math.min(pulled.remaining(), out.remaining());
            out.put(pulled.slice().limit(size));
            pulled.position(pulled.position() + size);
            if (pulled.hasRemaining()) {
                return Step.FULL;
            }
            if (decoder.hasOutput()) {
                pulled = decoder.pull();
                continue;
            }
            switch (decoder.getStatus()) {
                case NEEDS_MORE_OUTPUT -> pulled = decoder.pull();
                case OK -> decoder.push(0);
                case NEEDS_MORE_INPUT -> {
                    if (!in.hasRemaining()) {
                        return goal == Goal.END ? Step.BROKEN : Step.REACHED;
                    }
                    int given = in.remaining();
                    decoder.getInputBuffer().clear().put(in);
                    decoder.push(given);
                }
                case DONE -> {
                    return in.hasRemaining() ? Step.BROKEN : Step.REACHED;
                }
                case ERROR -> {
                    return Step.BROKEN;
                }
            }
        }
    }

    @Override
    public void close() {
        decoder.destroy();
    }
}
