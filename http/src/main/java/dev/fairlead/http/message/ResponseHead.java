package dev.fairlead.http.message;

/// What a response says before its body, whatever version of HTTP carried it. Used again for the next response of a
/// connection.
public final class ResponseHead {
    /// [#contentLength] of a body whose end only its coding, or the connection's end, tells.
    public static final long UNKNOWN = -1;

    private final Fields fields = new Fields();
    private int status;
    private int reasonStart;
    private int reasonEnd;
    private long contentLength;
    private boolean bodiless;

    public void clear() {
        fields.clear();
        status = 0;
        reasonStart = 0;
        reasonEnd = 0;
        contentLength = 0;
        bodiless = false;
    }

    /// A head of its own with the same status and fields.
    public ResponseHead copy() {
        var copy = new ResponseHead();
        copy.fields.copyFrom(fields);
        copy.status(status, reasonStart, reasonEnd);
        copy.contentLength = contentLength;
        copy.bodiless = bodiless;
        return copy;
    }

    /// Becomes the same as `from`, which stays what it is.
    public void become(ResponseHead from) {
        fields.become(from.fields);
        status(from.status, from.reasonStart, from.reasonEnd);
        contentLength = from.contentLength;
        bodiless = from.bodiless;
    }

    public Fields fields() {
        return fields;
    }

    public int status() {
        return status;
    }

    public void status(int status, int reasonStart, int reasonEnd) {
        this.status = status;
        this.reasonStart = reasonStart;
        this.reasonEnd = reasonEnd;
    }

    /// 1xx: another head follows (RFC 9110 §15.2).
    public boolean isInformational() {
        return status < 200;
    }

    public int reasonStart() {
        return reasonStart;
    }

    public int reasonEnd() {
        return reasonEnd;
    }

    /// Bytes of the body that follows, or [#UNKNOWN]. 0 when [#isBodiless].
    public long contentLength() {
        return contentLength;
    }

    public void contentLength(long length) {
        contentLength = length;
    }

    /// No body follows, whatever the fields say of its length: the answer to HEAD, and 1xx, 204 and 304 (RFC 9112
    /// §6.3).
    public boolean isBodiless() {
        return bodiless;
    }

    public void bodiless(boolean bodiless) {
        this.bodiless = bodiless;
    }
}
