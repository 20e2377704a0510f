package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits.Underscores;
import dev.fairlead.http.message.Fields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Finds the end of an HTTP/1 body: after so many bytes, after the last chunk and its trailers, or with the
/// connection (RFC 9112 §6 and §7.1). Chunk framing is taken off; chunk extensions are checked and dropped. One
/// thread.
final class BodyReader {
    /// What one step found.
    enum Found {
        /// More bytes are needed.
        MORE,
        /// [#takePiece] holds bytes of the body.
        PIECE,
        END,
        WRONG
    }

    private enum Expect {
        NOTHING,
        LENGTH,
        CLOSE,
        SIZE,
        CHUNK,
        CHUNK_END,
        TRAILERS
    }

    /// The line of a chunk: its size, and extensions that nobody uses.
    private static final int SIZE_LINE_MAX = 256;
    private static final int TRAILERS_MAX = 8 << 10;
    private static final int TRAILER_COUNT_MAX = 64;

    private final Underscores underscores;
    private Expect expect = Expect.NOTHING;
    private long left;
    private int sizeLine;
    private int sizeDigits;
    private boolean extension;
    private boolean carriage;
    private @Nullable ByteBuf piece;
    private @Nullable TrailerReader trailers;

    /// `underscores`: of trailers.
    BodyReader(Underscores underscores) {
        this.underscores = underscores;
    }

    void length(long bytes) {
        forgetTrailers();
        left = bytes;
        expect = Expect.LENGTH;
    }

    void chunked() {
        forgetTrailers();
        expect = Expect.SIZE;
        beginSize();
    }

    void untilClose() {
        forgetTrailers();
        expect = Expect.CLOSE;
    }

    private void forgetTrailers() {
        if (trailers != null) {
            trailers.reset();
        }
    }

    /// True when the last byte of a body of known length has been read.
    boolean isAtEnd() {
        return expect == Expect.LENGTH && left == 0;
    }

    /// Whether trailers came with the end. They are valid until the next body begins.
    @Nullable
    Fields trailers() {
        TrailerReader read = trailers;
        return read == null || read.fields().count() == 0 ? null : read.fields();
    }

    /// The bytes of the last [Found#PIECE], a buffer of their own: the caller owns it.
    ByteBuf takePiece() {
        ByteBuf taken = piece;
        assert taken != null;
        piece = null;
        return taken;
    }

    /// Reads on. Call it until it says [Found#MORE] or [Found#END].
    Found read(ByteBuf in) {
        while (true) {
            switch (expect) {
                case NOTHING -> {
                    return Found.END;
                }
                case LENGTH -> {
                    return data(in);
                }
                case CLOSE -> {
                    if (!in.isReadable()) {
                        return Found.MORE;
                    }
                    piece = in.readRetainedSlice(in.readableBytes());
                    return Found.PIECE;
                }
                case CHUNK -> {
                    if (left > 0) {
                        return data(in);
                    }
                    expect = Expect.CHUNK_END;
                }
                case SIZE, CHUNK_END -> {
                    if (!in.isReadable()) {
                        return Found.MORE;
                    }
                    byte b = in.readByte();
                    boolean good = expect == Expect.SIZE ? size(b) : chunkEnd(b);
                    if (!good) {
                        return Found.WRONG;
                    }
                }
                case TRAILERS -> {
                    TrailerReader reading = trailers;
                    assert reading != null;
                    if (!reading.read(in)) {
                        return Found.MORE;
                    }
                    if (reading.error() != null) {
                        return Found.WRONG;
                    }
                    reading.finish();
                    expect = Expect.NOTHING;
                    return Found.END;
                }
            }
        }
    }

    private Found data(ByteBuf in) {
        if (left == 0) {
            expect = Expect.NOTHING;
            return Found.END;
        }
        if (!in.isReadable()) {
            return Found.MORE;
        }
        int size = (int) Math.min(left, in.readableBytes());
        left -= size;
        piece = in.readRetainedSlice(size);
        return Found.PIECE;
    }

    private void beginSize() {
        left = 0;
        sizeLine = 0;
        sizeDigits = 0;
        extension = false;
        carriage = false;
    }

    /// `chunk-size [ chunk-ext ] CRLF`: hexadecimal digits, then `;` and visible text. Whitespace before the `;` is
    /// refused, as is everything else on which parsers differ.
    private boolean size(byte b) {
        if (++sizeLine > SIZE_LINE_MAX) {
            return false;
        }
        if (carriage) {
            return b == '\n' && sizeEnd();
        }
        if (b == '\r') {
            carriage = true;
            return sizeDigits > 0;
        }
        if (extension) {
            return b >= 0x20 && b < 0x7f || b == '\t';
        }
        if (b == ';') {
            extension = true;
            return sizeDigits > 0;
        }
        int digit = Character.digit(b, 16);
        // 15 digits stay within a long.
        if (digit < 0 || ++sizeDigits > 15) {
            return false;
        }
        left = left << 4 | digit;
        return true;
    }

    private boolean sizeEnd() {
        if (left > 0) {
            expect = Expect.CHUNK;
        } else {
            TrailerReader reading = trailers == null
                    ? new TrailerReader(new Fields(), TRAILERS_MAX, TRAILER_COUNT_MAX, underscores)
                    : trailers;
            reading.reset();
            trailers = reading;
            expect = Expect.TRAILERS;
        }
        carriage = false;
        return true;
    }

    private boolean chunkEnd(byte b) {
        if (!carriage) {
            carriage = true;
            return b == '\r';
        }
        expect = Expect.SIZE;
        beginSize();
        return b == '\n';
    }
}
