package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits.Underscores;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Reads an HTTP/1 head as it arrives: a start line and fields, each line looked at once, as soon as it is whole
/// (RFC 9112 §2 to §5). Strict: lines end with CRLF and with nothing else, and what may be read in two ways is
/// refused. What it finds stands in [Fields]; the lines are those of the wire, so that they can be passed on in
/// runs. One thread.
///
/// Also reads trailers, which are a head without a start line.
abstract class HeadReader {
    /// Bytes taken from the socket's buffer at a time. Most heads come whole in the first, and what a body begins
    /// with is seldom copied for nothing.
    private static final int STEP = 1024;

    private final Fields fields;
    private final int bytesMax;
    private final int countMax;
    private final int startLineMax;
    private final Underscores underscores;

    private int scanned;
    private int line;
    private boolean started;
    private boolean done;
    private @Nullable HeadError error;

    /// `startLineMax`: bytes of the start line; 0 when there is none.
    HeadReader(Fields fields, int bytesMax, int countMax, int startLineMax, Underscores underscores) {
        this.fields = fields;
        this.bytesMax = bytesMax;
        this.countMax = countMax;
        this.startLineMax = startLineMax;
        this.underscores = underscores;
        this.started = startLineMax == 0;
    }

    /// Begins the next head. The owner has cleared the fields.
    public void reset() {
        scanned = 0;
        line = 0;
        started = startLineMax == 0;
        done = false;
        error = null;
    }

    /// Empty lines before the start line are no beginning.
    final boolean hasBegun() {
        return started ? fields.length() > 0 : fields.length() > line;
    }

    public final @Nullable HeadError error() {
        return error;
    }

    /// Takes bytes up to the end of the head, and no further. True when the head is whole or wrong: see [#error].
    public final boolean read(ByteBuf in) {
        while (in.isReadable()) {
            int before = fields.length();
            int start = in.readerIndex();
            fields.append(in, Math.min(in.readableBytes(), STEP));
            if (lines()) {
                // What was taken beyond the head belongs to the body or to the next head.
                in.readerIndex(start + line - before);
                fields.truncate(line);
                return true;
            }
            error = tooMuch(fields.length());
            if (error != null) {
                return true;
            }
        }
        return false;
    }

    /// Handles every whole line. True when the head is whole or wrong; `line` is then behind its last byte.
    private boolean lines() {
        byte[] bytes = fields.bytes();
        int end = fields.length();
        for (int at = scanned; at < end; at++) {
            if (bytes[at] != '\n') {
                continue;
            }
            if (at == line || bytes[at - 1] != '\r') {
                return fail(HeadError.BARE_LF, at + 1);
            }
            int start = line;
            line = at + 1;
            HeadError wrong = tooMuch(line);
            if (wrong == null) {
                wrong = line(bytes, start, at - 1);
            }
            if (wrong != null) {
                return fail(wrong, line);
            }
            if (done) {
                return true;
            }
        }
        scanned = end;
        return false;
    }

    private @Nullable HeadError tooMuch(int bytes) {
        if (!started && bytes > startLineMax) {
            return startLineTooLong(fields.bytes(), fields.length());
        }
        return bytes > bytesMax ? HeadError.HEAD_TOO_LARGE : null;
    }

    private boolean fail(HeadError wrong, int end) {
        error = wrong;
        line = end;
        return true;
    }

    private @Nullable HeadError line(byte[] bytes, int start, int end) {
        if (!started) {
            if (start == end && start < emptyBytesMax()) {
                return null;
            }
            started = true;
            return startLine(bytes, start, end);
        }
        if (start == end) {
            done = true;
            return null;
        }
        return fieldLine(bytes, start, end);
    }

    /// RFC 9112 §5: `field-name ":" OWS field-value OWS`, no space before the colon, and no folding (§5.2).
    private @Nullable HeadError fieldLine(byte[] bytes, int start, int end) {
        if (fields.count() == countMax) {
            return HeadError.TOO_MANY_FIELDS;
        }
        int hash = 0;
        boolean underscore = false;
        int nameEnd = start;
        while (nameEnd < end && Ascii.isToken(bytes[nameEnd])) {
            underscore |= bytes[nameEnd] == '_';
            hash = FieldName.hash(hash, bytes[nameEnd++]);
        }
        if (nameEnd == start || nameEnd == end || bytes[nameEnd] != ':') {
            return HeadError.FIELD_NAME;
        }
        int value = nameEnd + 1;
        while (value < end && Ascii.isSpace(bytes[value])) {
            value++;
        }
        for (int i = value; i < end; i++) {
            if (!Ascii.isValue(bytes[i])) {
                return HeadError.FIELD_VALUE;
            }
        }
        int valueEnd = end;
        while (valueEnd > value && Ascii.isSpace(bytes[valueEnd - 1])) {
            valueEnd--;
        }
        FieldName name = FieldName.of(bytes, start, nameEnd, hash);
        fields.line(name, start, nameEnd, value, valueEnd, end + 2);
        return underscore ? underscored() : null;
    }

    /// A field with an underscore in its name has just been read.
    private @Nullable HeadError underscored() {
        return switch (underscores) {
            case PASS -> null;
            case REFUSE -> HeadError.UNDERSCORE;
            case DROP -> {
                fields.remove(fields.count() - 1);
                yield null;
            }
        };
    }

    /// Up to where empty lines before the start line are passed over.
    abstract int emptyBytesMax();

    /// What is wrong with a start line of which `bytes[0, end)` has been read, and still no end.
    abstract HeadError startLineTooLong(byte[] bytes, int end);

    /// Reads the start line `bytes[start, end)`, without its CRLF.
    abstract @Nullable HeadError startLine(byte[] bytes, int start, int end);
}
