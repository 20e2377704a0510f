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
    private final ZstdDirectBufferDecompressingStreamNoFinalizer stream =
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
                    own.clear().put(in).flip();
                }
                if (!own.hasRemaining() && !hasMore) {
                    return goal == Goal.END && stream.hasRemaining() ? Step.BROKEN : Step.REACHED;
                }
                int came = stream.read(out);
                // What fills it may not be all.
                hasMore = !out.hasRemaining();
                if (hasMore) {
                    return Step.FULL;
                }
                if (came == 0 && own.hasRemaining()) {
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
