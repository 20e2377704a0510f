package dev.fairlead.net;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One line of the access log while it is made, as bytes: no String is built for it. A loop has one and uses it
/// over and over; ask [AccessLog#line], fill it, give it to [AccessLog#write].
///
/// Nothing that a client sends can end the line or begin a field: JSON text is escaped as JSON, plain text as nginx
/// does (`\xNN`). A line has at most [#LINE_BYTES], a text in it [#TEXT_BYTES]; the rest of a text is left out, and
/// so are fields for which no room is left. This loop only.
public final class LogLine {
    static final int LINE_BYTES = 16 << 10;
    static final int TEXT_BYTES = 4 << 10;

    /// Room that a field needs besides its name: quotes, colon, comma, and the longest number.
    private static final int FIELD_ROOM = 40;

    private static final DateTimeFormatter ISO_SECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter NCSA =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.US).withZone(ZoneOffset.UTC);
    private static final int REPLACEMENT = 0xFFFD;
    private static final int INVALID = -1;
    private static final String HEX = "0123456789abcdef";

    private final LogRing ring;
    private final LongSupplier epochMillis;
    private final byte[] line = new byte[LINE_BYTES];
    private int length;
    private int textEnd;
    private boolean isJson;

    private long second = Long.MIN_VALUE;
    private String isoSecond = "";
    private String ncsa = "";

    LogLine(LogRing ring, LongSupplier epochMillis) {
        this.ring = ring;
        this.epochMillis = epochMillis;
    }

    LogLine reset() {
        length = 0;
        isJson = false;
        return this;
    }

    LogRing ring() {
        return ring;
    }

    byte[] bytes() {
        return line;
    }

    /// Ends the line and returns its length.
    int finish() {
        if (isJson) {
            line[length++] = '}';
        }
        line[length++] = '\n';
        return length;
    }

    // JSON. Names are our own words: ASCII that needs no escape.

    /// The time now, as ISO 8601 in UTC with milliseconds.
    public LogLine time(String name) {
        if (startField(name)) {
            long now = tell();
            append('"');
            raw(isoSecond);
            appendPadded((int) Math.floorMod(now, 1000L));
            append('Z');
            append('"');
        }
        return this;
    }

    public LogLine field(String name, long value) {
        if (startField(name)) {
            number(value);
        }
        return this;
    }

    /// A duration given in nanoseconds, as milliseconds with three decimals.
    public LogLine millis(String name, long nanos) {
        if (startField(name)) {
            thousandths(nanos / 1000);
        }
        return this;
    }

    /// A text. Null: the field is left out.
    public LogLine field(String name, @Nullable String value) {
        if (value != null && startField(name)) {
            append('"');
            startText();
            int codePoint;
            for (int i = 0; i < value.length(); i += Character.charCount(codePoint)) {
                codePoint = value.codePointAt(i);
                json(Character.getType(codePoint) == Character.SURROGATE ? REPLACEMENT : codePoint);
            }
            append('"');
        }
        return this;
    }

    /// A text given as UTF-8. What is not UTF-8 becomes U+FFFD, byte by byte.
    public LogLine field(String name, byte[] value, int offset, int count) {
        if (startField(name)) {
            append('"');
            startText();
            int end = offset + count;
            for (int i = offset; i < end; ) {
                int codePoint = decode(value, i, end);
                json(codePoint == INVALID ? REPLACEMENT : codePoint);
                i += codePoint == INVALID ? 1 : utf8Length(codePoint);
            }
            append('"');
        }
        return this;
    }

    // The combined format: plain text, put together piece by piece.

    /// Our own words and punctuation, as they are.
    public LogLine raw(String ascii) {
        int count = Math.min(ascii.length(), LINE_BYTES - 2 - length);
        for (int i = 0; i < count; i++) {
            line[length++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    /// The time now as `[23/Nov/2026:14:38:50 +0000]`.
    public LogLine ncsaTime() {
        tell();
        return raw("[").raw(ncsa).raw("]");
    }

    public LogLine number(long value) {
        if (LINE_BYTES - length < FIELD_ROOM) {
            return this;
        }
        if (value < 0) {
            // Not negated: the least long has no positive.
            return raw(Long.toString(value));
        }
        int digits = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            line[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    /// A duration given in nanoseconds, as seconds with three decimals.
    public LogLine seconds(long nanos) {
        thousandths(nanos / 1_000_000);
        return this;
    }

    /// Foreign text; `-` for null.
    public LogLine text(@Nullable String value) {
        if (value == null) {
            return raw("-");
        }
        startText();
        int codePoint;
        for (int i = 0; i < value.length(); i += Character.charCount(codePoint)) {
            codePoint = value.codePointAt(i);
            int whole = Character.getType(codePoint) == Character.SURROGATE ? REPLACEMENT : codePoint;
            for (int k = 0; k < utf8Length(whole); k++) {
                plain(utf8(whole, k));
            }
        }
        return this;
    }

    /// Foreign text, whatever its encoding.
    public LogLine text(byte[] value, int offset, int count) {
        startText();
        for (int i = offset; i < offset + count; i++) {
            plain(value[i] & 0xFF);
        }
        return this;
    }

    private boolean startField(String name) {
        if (LINE_BYTES - length < name.length() + FIELD_ROOM) {
            return false;
        }
        append(isJson ? ',' : '{');
        isJson = true;
        append('"');
        raw(name);
        append('"');
        append(':');
        return true;
    }

    /// A text ends where its bound or the line's is; two quotes' worth, `}` and the line's end always fit.
    private void startText() {
        textEnd = Math.min(length + TEXT_BYTES, LINE_BYTES - 4);
    }

    private void json(int codePoint) {
        if (codePoint == '"' || codePoint == '\\') {
            if (hasRoom(2)) {
                append('\\');
                append(codePoint);
            }
        } else if (isControl(codePoint)) {
            if (hasRoom(6)) {
                append('\\');
                append('u');
                for (int shift = 12; shift >= 0; shift -= 4) {
                    hex(codePoint >> shift);
                }
            }
        } else if (hasRoom(utf8Length(codePoint))) {
            for (int i = 0; i < utf8Length(codePoint); i++) {
                append(utf8(codePoint, i));
            }
        }
    }

    private boolean hasRoom(int octets) {
        if (length + octets <= textEnd) {
            return true;
        }
        // And none for a shorter one that would still fit: the text would look whole.
        textEnd = length;
        return false;
    }

    /// What some reader of the log might take for the end of a line or for an order to its terminal: C0, DEL, C1
    /// (with NEL), and Unicode's line and paragraph separators.
    private static boolean isControl(int codePoint) {
        return codePoint < 0x20
                || (codePoint >= 0x7F && codePoint < 0xA0)
                || codePoint == 0x2028
                || codePoint == 0x2029;
    }

    private void plain(int octet) {
        if (octet >= 0x20 && octet < 0x7F && octet != '"' && octet != '\\') {
            if (hasRoom(1)) {
                append(octet);
            }
        } else if (hasRoom(4)) {
            append('\\');
            append('x');
            hex(octet >> 4);
            hex(octet);
        }
    }

    /// The octet at `i` of the code point's UTF-8.
    private static int utf8(int codePoint, int i) {
        int count = utf8Length(codePoint);
        int bits = codePoint >> (6 * (count - 1 - i));
        if (i > 0) {
            return 0x80 | (bits & 0x3F);
        }
        return switch (count) {
            case 1 -> bits;
            case 2 -> 0xC0 | bits;
            case 3 -> 0xE0 | bits;
            default -> 0xF0 | bits;
        };
    }

    private static int utf8Length(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    /// The code point at `i`, or [#INVALID]: RFC 3629 §4, so neither overlong forms nor surrogates.
    private static int decode(byte[] from, int i, int end) {
        int first = from[i];
        if (first >= 0) {
            return first;
        }
        int count = (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : (first & 0xF8) == 0xF0 ? 4 : 0;
        if (count == 0 || i + count > end) {
            return INVALID;
        }
        int codePoint = first & (0x7F >> count);
        for (int k = 1; k < count; k++) {
            int more = from[i + k];
            if ((more & 0xC0) != 0x80) {
                return INVALID;
            }
            codePoint = (codePoint << 6) | (more & 0x3F);
        }
        boolean isCodePoint = codePoint <= Character.MAX_CODE_POINT
                && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
        return isCodePoint && utf8Length(codePoint) == count ? codePoint : INVALID;
    }

    private void thousandths(long value) {
        if (LINE_BYTES - length < FIELD_ROOM) {
            return;
        }
        number(value / 1000);
        append('.');
        appendPadded((int) Math.abs(value % 1000));
    }

    private void appendPadded(int threeDigits) {
        append('0' + threeDigits / 100);
        append('0' + threeDigits / 10 % 10);
        append('0' + threeDigits % 10);
    }

    private void hex(int nibble) {
        append(HEX.charAt(nibble & 0xF));
    }

    private void append(int octet) {
        line[length++] = (byte) octet;
    }

    /// Looks at the clock; the texts are made once a second.
    private long tell() {
        long now = epochMillis.getAsLong();
        long nowSecond = Math.floorDiv(now, 1000L);
        if (nowSecond != second) {
            second = nowSecond;
            Instant instant = Instant.ofEpochSecond(nowSecond);
            isoSecond = ISO_SECOND.format(instant);
            ncsa = NCSA.format(instant);
        }
        return now;
    }
}
