package dev.fairlead.http.compress;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;

/// Zstandard (RFC 8878) by its own library. One loop.
final class ZstdEncoder implements Coder {
    /// 256 KiB: what a longer window gains of pages and JSON is little, and every client has room for it (RFC 9659).
    private static final int WINDOW_LOG = 18;

    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private final int level;

    ZstdEncoder(int level) {
        this.level = level;
    }

    @Override
    public Coding coding() {
        return Coding.ZSTD;
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    public void begin() {
        context.reset();
        context.setLevel(level);
        context.setWindowLog(WINDOW_LOG);
    }

    @Override
    public boolean isReusable() {
        return true;
    }

    @Override
    public Step step(Goal goal, ByteBuffer in, ByteBuffer out) {
        if (goal == Goal.TAKE) {
            context.compressDirectByteBufferStream(out, in, EndDirective.CONTINUE);
            return in.hasRemaining() || !out.hasRemaining() ? Step.FULL : Step.REACHED;
        }
        EndDirective how = goal == Goal.FLUSH ? EndDirective.FLUSH : EndDirective.END;
        return context.compressDirectByteBufferStream(out, in, how) ? Step.REACHED : Step.FULL;
    }

    @Override
    public void close() {
        context.close();
    }
}
