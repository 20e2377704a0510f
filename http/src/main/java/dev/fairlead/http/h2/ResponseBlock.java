package dev.fairlead.http.h2;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.DateField;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.handler.codec.Headers;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/// Makes heads and trailers of responses into field blocks of HTTP/2, or of HTTP/3. The block is a copy: the head may
/// be used again.
public final class ResponseBlock {
    private static final AsciiString[] NAMES = new AsciiString[FieldName.values().length];
    private static final AsciiString[] STATUSES = new AsciiString[1000];
    private static final AsciiString STATUS = AsciiString.cached(":status");
    private static final int DATE_LINE = "Date: ".length();

    static {
        for (FieldName name : FieldName.values()) {
            NAMES[name.ordinal()] = new AsciiString(name.lower(), false);
        }
        for (int status = 100; status < STATUSES.length; status++) {
            STATUSES[status] = new AsciiString(Integer.toString(status));
        }
    }

    private ResponseBlock() {}

    /// `via` is the value of `Via` that we add.
    static Http2Headers head(ResponseHead head, AsciiString via) {
        return head(head, via, new DefaultHttp2Headers(false, 16));
    }

    /// Puts it into an empty block.
    public static <B extends Headers<CharSequence, CharSequence, B>> B head(
            ResponseHead head, AsciiString via, B block) {
        Fields fields = head.fields();
        block.add(STATUS, STATUSES[head.status()]);
        put(fields, block);
        if (!head.isInformational()) {
            if (fields.find(FieldName.DATE) < 0) {
                byte[] line = DateField.line();
                block.add(NAMES[FieldName.DATE.ordinal()], copy(line, DATE_LINE, line.length - 2));
            }
            // RFC 9110 §7.6.3: a proxy MUST.
            block.add(NAMES[FieldName.VIA.ordinal()], via);
        }
        return block;
    }

    static Http2Headers trailers(Fields fields) {
        return trailers(fields, new DefaultHttp2Headers(false, 8));
    }

    /// Puts them into an empty block.
    public static <B extends Headers<CharSequence, CharSequence, B>> B trailers(Fields fields, B block) {
        put(fields, block);
        return block;
    }

    private static <B extends Headers<CharSequence, CharSequence, B>> void put(Fields fields, B block) {
        for (int i = 0; i < fields.count(); i++) {
            put(fields, i, block);
        }
    }

    /// One field, unless it was removed.
    static <B extends Headers<CharSequence, CharSequence, B>> void put(Fields fields, int field, B block) {
        if (fields.isThere(field)) {
            block.add(
                    name(fields, field, fields.name(field)),
                    copy(fields.bytes(), fields.valueStart(field), fields.valueEnd(field)));
        }
    }

    /// RFC 9113 §8.2.1: in lower case.
    private static AsciiString name(Fields fields, int field, @Nullable FieldName known) {
        if (known != null) {
            return NAMES[known.ordinal()];
        }
        int from = fields.nameStart(field);
        byte[] lower = new byte[fields.nameEnd(field) - from];
        for (int i = 0; i < lower.length; i++) {
            lower[i] = Ascii.lower(fields.bytes()[from + i]);
        }
        return new AsciiString(lower, false);
    }

    static AsciiString copy(byte[] bytes, int from, int to) {
        return new AsciiString(bytes, from, to - from, true);
    }
}
