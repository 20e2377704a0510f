package dev.fairlead.http.compress;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// gzip (RFC 1952) read by the JDK's zlib: one member, or several, each with a checksum that has to be right. For one
/// body. One loop.
final class GzipDecoder implements Coder {
    private static final int FIXED_HEAD = 10;
    private static final int TAIL = 8;
    private static final int MAGIC = 0x1f8b;
    private static final int FLAG_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int FLAGS_RESERVED = 0xe0;

    private enum Part {
        HEAD,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        CRC,
        DEFLATED,
        TAIL
    }

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final ByteBuffer few = ByteBuffer.allocate(FIXED_HEAD);
    private Part part = Part.HEAD;
    private int flags;
    private int extraLeft;

    @Override
    public Coding coding() {
        return Coding.GZIP;
    }

    @Override
    public int level() {
        return 0;
    }

    @Override
    public void begin() {
        expect(Part.HEAD, FIXED_HEAD);
    }

    @Override
    public boolean isReusable() {
        return false;
    }

    @Override
    public Step step(Goal goal, ByteBuffer in, ByteBuffer out) {
        while (true) {
            if (part == Part.DEFLATED) {
                Step inflated = inflate(in, out);
                if (inflated != Step.REACHED || part == Part.DEFLATED) {
                    return inflated == Step.REACHED && goal == Goal.END ? Step.BROKEN : inflated;
                }
            } else if (in.hasRemaining()) {
                if (!read(in)) {
                    return Step.BROKEN;
                }
            } else {
                boolean isBetween = part == Part.HEAD && few.position() == 0;
                return goal == Goal.END && !isBetween ? Step.BROKEN : Step.REACHED;
            }
        }
    }

    private Step inflate(ByteBuffer in, ByteBuffer out) {
        inflater.setInput(in);
        int from = out.position();
        try {
            inflater.inflate(out);
        } catch (DataFormatException malformed) {
            return Step.BROKEN;
        }
        crc.update(out.duplicate().flip().position(from));
        if (inflater.finished()) {
            expect(Part.TAIL, TAIL);
            return Step.REACHED;
        }
        if (inflater.needsDictionary()) {
            return Step.BROKEN;
        }
        return out.hasRemaining() ? Step.REACHED : Step.FULL;
    }

    /// What stands before and behind what is deflated. False: it is malformed.
    private boolean read(ByteBuffer in) {
        switch (part) {
            case HEAD -> {
                if (isThere(in)) {
                    flags = few.get(3) & 0xff;
                    boolean isKnown =
                            few.getShort(0) == (short) MAGIC && few.get(2) == 8 && (flags & FLAGS_RESERVED) == 0;
                    expect(Part.EXTRA_LENGTH, 2);
                    return isKnown;
                }
            }
            case EXTRA_LENGTH -> {
                if ((flags & FLAG_EXTRA) == 0) {
                    part = Part.NAME;
                } else if (isThere(in)) {
                    extraLeft = Short.toUnsignedInt(Short.reverseBytes(few.getShort(0)));
                    part = Part.EXTRA;
                }
            }
            case EXTRA -> {
                int skipped = Math.min(extraLeft, in.remaining());
                in.position(in.position() + skipped);
                extraLeft -= skipped;
                part = extraLeft == 0 ? Part.NAME : Part.EXTRA;
            }
            case NAME -> {
                if ((flags & FLAG_NAME) == 0 || in.get() == 0) {
                    part = Part.COMMENT;
                }
            }
            case COMMENT -> {
                if ((flags & FLAG_COMMENT) == 0 || in.get() == 0) {
                    expect(Part.CRC, 2);
                }
            }
            case CRC -> {
                if ((flags & FLAG_CRC) == 0 || isThere(in)) {
                    inflater.reset();
                    crc.reset();
                    part = Part.DEFLATED;
                }
            }
            case TAIL -> {
                if (isThere(in)) {
                    boolean isRight = Integer.reverseBytes(few.getInt(0)) == (int) crc.getValue()
                            && Integer.reverseBytes(few.getInt(4)) == (int) inflater.getBytesWritten();
                    expect(Part.HEAD, FIXED_HEAD);
                    return isRight;
                }
            }
            case DEFLATED -> throw new IllegalStateException("that is inflated");
        }
        return true;
    }

    private void expect(Part next, int bytes) {
        part = next;
        few.clear().limit(bytes);
    }

    /// Gathers as many bytes as are expected.
    private boolean isThere(ByteBuffer in) {
        while (few.hasRemaining() && in.hasRemaining()) {
            few.put(in.get());
        }
        return !few.hasRemaining();
    }

    @Override
    public void close() {
        inflater.end();
    }
}
