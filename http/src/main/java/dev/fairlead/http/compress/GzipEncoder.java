package dev.fairlead.http.compress;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// gzip (RFC 1952) by the JDK's zlib. One loop.
final class GzipEncoder implements Coder {
    /// No name, no time; of an unknown system (RFC 1952 §2.3.1).
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 255};

    private static final int TAIL = 8;

    private final int level;
    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private boolean hasBegun;
    private boolean isEnding;

    GzipEncoder(int level) {
        this.level = level;
        this.deflater = new Deflater(level, true);
    }

    @Override
    public Coding coding() {
        return Coding.GZIP;
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    public boolean isReusable() {
        return true;
    }

    @Override
    public void begin() {
        deflater.reset();
        crc.reset();
        hasBegun = false;
        isEnding = false;
    }

    @Override
    public Step step(Goal goal, ByteBuffer in, ByteBuffer out) {
        if (!hasBegun) {
            hasBegun = true;
            out.put(HEAD);
        }
        deflater.setInput(in);
        if (goal == Goal.END) {
            return end(out);
        }
        ByteBuffer taken = in.duplicate();
        int flush = goal == Goal.FLUSH ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
        deflater.deflate(out, flush);
        crc.update(taken.limit(in.position()));
        return out.hasRemaining() ? Step.REACHED : Step.FULL;
    }

    private Step end(ByteBuffer out) {
        if (!isEnding) {
            isEnding = true;
            deflater.finish();
        }
        if (!deflater.finished()) {
            deflater.deflate(out);
        }
        if (!deflater.finished() || out.remaining() < TAIL) {
            return Step.FULL;
        }
        putLittle(out, (int) crc.getValue());
        putLittle(out, (int) deflater.getBytesRead());
        return Step.REACHED;
    }

    private static void putLittle(ByteBuffer out, int number) {
        out.putInt(Integer.reverseBytes(number));
    }

    @Override
    public void close() {
        deflater.end();
    }
}
