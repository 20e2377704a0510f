package dev.fairlead.http.compress;

import com.github.luben.zstd.ZstdDirectBufferDecompressingStreamNoFinalizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// Zstandard (RFC 8878) read by its own library, for one body. One loop.
final class ZstdDecoder implements Coder {
    /// RFC 9659: no window of a content coding is longer than 8 MiB. Of one that is, nothing is read.
    private static final int WINDOW_LOG_MAX = 23;

    private final ByteBuffer own =
            ByteBuffer.allocateDirect(CompressionLane.SLICE).limit(0);
    private ZstdDirectBufferDecompressingStreamNoFinalizer stream =
            new ZstdDirectBufferDecompressingStreamNoFinalizer(own);
    private boolean hasMore;

    @Override
    public Coding coding() {
        return Coding.ZSTD;
    }

    @Override
    public int level() {
        return 0;
    }

    @Override
    public void begin() {
        try {
            stream.setLongMax(WINDOW_LOG_MAX);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public boolean isReusable() {
        return false;
    }

    @Override
    public Step step(Goal goal, ByteBuffer in, ByteBuffer out) {
        try {
            while (true) {
                if (!own.hasRemaining() && in.hasRemaining()) {
                    if (!stream.hasRemaining()) {
                        // A frame has ended with what was here: this one reads nothing after it.
                        stream.close();
                        stream = new ZstdDirectBufferDecompressingStreamNoFinalizer(own);
                        begin();
                    }
                    own.clear().put(in).flip();
                }
                if (!own.hasRemaining() && !hasMore) {
                    return goal == Goal.END && stream.hasRemaining() ? Step.BROKEN : Step.REACHED;
                }
                int before = own.position();
                int came = stream.read(out);
                // What fills it may not be all.
                hasMore = !out.hasRemaining();
                if (hasMore) {
                    return Step.FULL;
                }
                // A sum, or a frame that is skipped, is read and gives nothing.
                if (came == 0 && own.position() == before && own.hasRemaining()) {
                    return Step.BROKEN;
                }
            }
        } catch (IOException malformed) {
            return Step.BROKEN;
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
