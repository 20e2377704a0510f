package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits.Underscores;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;

/// Reads the trailers of a chunked body: RFC 9112 §7.1.2.
public final class TrailerReader extends HeadReader {
    /// Must not come after the body: they say how to read it, or for whom it is (RFC 9110 §6.5.1).
    private static final FieldName[] FORBIDDEN = {
        FieldName.AUTHORIZATION,
        FieldName.CACHE_CONTROL,
        FieldName.CONTENT_LENGTH,
        FieldName.CONTENT_TYPE,
        FieldName.COOKIE,
        FieldName.EXPECT,
        FieldName.FORWARDED,
        FieldName.HOST,
        FieldName.LOCATION,
        FieldName.PROXY_AUTHENTICATE,
        FieldName.PROXY_AUTHORIZATION,
        FieldName.TRAILER,
        FieldName.VIA,
        FieldName.X_FORWARDED_FOR,
        FieldName.X_FORWARDED_HOST,
        FieldName.X_FORWARDED_PROTO
    };

    private final Fields fields;

    public TrailerReader(Fields fields, int bytesMax, int countMax, Underscores underscores) {
        super(fields, bytesMax, countMax, 0, underscores);
        this.fields = fields;
    }

    public Fields fields() {
        return fields;
    }

    @Override
    public void reset() {
        super.reset();
        fields.clear();
    }

    public void finish() {
        HopByHop.remove(fields);
        for (FieldName name : FORBIDDEN) {
            fields.removeAll(name);
        }
    }

    @Override
    int emptyBytesMax() {
        return 0;
    }

    @Override
    HeadError startLineTooLong(byte[] bytes, int end) {
        throw new AssertionError("trailers have no start line");
    }

    @Override
    HeadError startLine(byte[] bytes, int start, int end) {
        throw new AssertionError("trailers have no start line");
    }
}
