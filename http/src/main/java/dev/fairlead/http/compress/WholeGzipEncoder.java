package dev.fairlead.http.compress;

import dev.fairlead.sys.Libdeflate;
import java.nio.ByteBuffer;

/// gzip (RFC 1952) by libdeflate, of a body that was gathered: it is compressed when it is whole, in one go. One loop.
final class WholeGzipEncoder implements Coder {
    private final int level;
    private final Libdeflate compressor;
    private ByteBuffer body;
    private ByteBuffer made;
    private boolean isMade;

    WholeGzipEncoder(int level) {
        this.level = level;
        this.compressor = new Libdeflate(level);
        this.body = ByteBuffer.allocateDirect(Recoding.GATHERED_MAX);
        this.made = ByteBuffer.allocateDirect(compressor.bound(Recoding.GATHERED_MAX));
    }

    @Override
    public Coding coding() {
        return Coding.GZIP;
    }

    @Override
    public boolean isForWhole() {
        return true;
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    public boolean isReusable() {
        // Not one that has grown.
        return body.capacity() == Recoding.GATHERED_MAX;
    }

    @Override
    public void begin() {
        body.clear();
        made.clear();
        isMade = false;
    }

    @Override
    public Step step(Goal goal, ByteBuffer in, ByteBuffer out) {
        if (goal != Goal.END) {
            take(in);
            return Step.REACHED;
        }
        if (!isMade) {
            isMade = true;
            if (!compressor.gzip(body.flip(), made)) {
                throw new IllegalStateException("it was to fit");
            }
            made.flip();
        }
        int size = Math.min(made.remaining(), out.remaining());
        out.put(made.slice(made.position(), size));
        made.position(made.position() + size);
        return made.hasRemaining() ? Step.FULL : Step.REACHED;
    }

    /// As much as was announced; an endpoint that sends more is not believed the next time, but this has to hold.
    private void take(ByteBuffer in) {
        if (in.remaining() > body.remaining()) {
            body = ByteBuffer.allocateDirect(2 * (body.position() + in.remaining()))
                    .put(body.flip());
            made = ByteBuffer.allocateDirect(compressor.bound(body.capacity()));
        }
        body.put(in);
    }

    @Override
    public void close() {
        compressor.close();
    }
}
