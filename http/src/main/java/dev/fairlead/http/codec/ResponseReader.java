package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits.Underscores;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the heads of HTTP/1 responses and works out where their bodies end (RFC 9112 §6.3) and whether the
/// connection can be used again. An endpoint whose answer is not well formed is not to be trusted with the next
/// request either.
public final class ResponseReader extends HeadReader {
    private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_MAX = 64 << 10;
    private static final int FIELDS_MAX = 256;
    private static final int STATUS_LINE_MAX = 4096;

    private final ResponseHead head;
    private int minor;
    private boolean chunked;
    private boolean untilClose;
    private boolean doubtful;
    private boolean persistent;

    public ResponseReader(ResponseHead head) {
        super(head.fields(), HEAD_MAX, FIELDS_MAX, STATUS_LINE_MAX, Underscores.PASS);
        this.head = head;
    }

    @Override
    public void reset() {
        super.reset();
        head.clear();
        chunked = false;
        untilClose = false;
        doubtful = false;
        persistent = false;
    }

    boolean isChunked() {
        return chunked;
    }

    /// The body ends where the connection ends.
    boolean isUntilClose() {
        return untilClose;
    }

    boolean isPersistent() {
        return persistent;
    }

    @Override
    int emptyBytesMax() {
        return 0;
    }

    @Override
    HeadError startLineTooLong(byte[] bytes, int end) {
        return HeadError.START_LINE;
    }

    /// RFC 9112 §4: `HTTP-version SP status-code SP [ reason-phrase ]`. The last space is often missing, and
    /// harmless.
    @Override
    @Nullable
    HeadError startLine(byte[] bytes, int start, int end) {
        if (end - start < 12
                || bytes[start] != 'H'
                || bytes[start + 1] != 'T'
                || bytes[start + 2] != 'T'
                || bytes[start + 3] != 'P'
                || bytes[start + 4] != '/'
                || bytes[start + 5] != '1'
                || bytes[start + 6] != '.'
                || bytes[start + 8] != ' ') {
            return HeadError.START_LINE;
        }
        minor = bytes[start + 7] - '0';
        long status = Ascii.digits(bytes, start + 9, start + 12);
        boolean spaced = end == start + 12 || bytes[start + 12] == ' ';
        if (minor < 0 || minor > 9 || status < 100 || status > 599 || !spaced) {
            return HeadError.START_LINE;
        }
        int reason = start + 13;
        for (int i = reason; i < end; i++) {
            if (!Ascii.isValue(bytes[i])) {
                return HeadError.START_LINE;
            }
        }
        // Without the space before an empty reason the line is written anew, with it.
        head.status((int) status, reason > end ? 0 : reason, end);
        return null;
    }

    /// The head is whole: what it means as the answer to this method.
    public @Nullable HeadError finish(Method asked) {
        int status = head.status();
        if (status == 101) {
            return HeadError.UPGRADE_UNASKED;
        }
        Fields fields = head.fields();
        boolean bodiless = status < 200 || status == 204 || status == 304 || asked == Method.HEAD;
        HeadError wrong = length(fields, bodiless);
        if (wrong != null) {
            return wrong;
        }
        boolean close = HopByHop.listHas(fields, FieldName.CONNECTION, CLOSE);
        boolean keepAlive = minor >= 1 || HopByHop.listHas(fields, FieldName.CONNECTION, KEEP_ALIVE);
        // RFC 9112 §6.1: HTTP/1.0 has no transfer codings; one who uses them there may not know where it ends.
        doubtful |= chunked && minor == 0;
        persistent = keepAlive && !close && !untilClose && !doubtful;
        HopByHop.remove(fields);
        return null;
    }

    private @Nullable HeadError length(Fields fields, boolean bodiless) {
        head.bodiless(bodiless);
        int status = head.status();
        int length = fields.find(FieldName.CONTENT_LENGTH);
        int coding = fields.find(FieldName.TRANSFER_ENCODING);
        long bytes = ResponseHead.UNKNOWN;
        if (coding >= 0) {
            HeadError wrong = length >= 0 ? HeadError.LENGTH_AND_CODING : RequestReader.coding(fields, coding);
            if (wrong != null) {
                return wrong;
            }
            chunked = !bodiless;
            // RFC 9112 §6.1: must not be there. One who sends it may send the chunks too.
            doubtful = status < 200 || status == 204;
        } else if (length >= 0) {
            if (fields.findAfter(length, FieldName.CONTENT_LENGTH) >= 0) {
                return HeadError.LENGTH_TWICE;
            }
            bytes = Ascii.digits(fields.bytes(), fields.valueStart(length), fields.valueEnd(length));
            if (bytes < 0) {
                return HeadError.LENGTH;
            }
            if (status < 200 || status == 204) {
                // RFC 9110 §8.6: must not be there; what it says of a body is not so.
                fields.remove(length);
                doubtful = bytes > 0;
            }
        } else {
            untilClose = !bodiless;
        }
        head.contentLength(bodiless ? 0 : bytes);
        return null;
    }
}
