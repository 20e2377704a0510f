package dev.fairlead.http.codec;

import dev.fairlead.http.exchange.Fault;

/// Why a head is refused, and with which status when it is a request's. Every one ends the connection: where a
/// message that is wrong ends cannot be known (RFC 9112 §9.6, §11.2).
public enum HeadError {
    BARE_LF(400, "line not ended by CRLF"),
    START_LINE(400, "malformed start line"),
    METHOD(400, "malformed method"),
    METHOD_TOO_LONG(501, "method too long"),
    TARGET(400, "malformed target"),
    DOT_SEGMENT(400, "dot segment in the path"),
    VERSION(400, "malformed version"),
    VERSION_UNSUPPORTED(505, "version not supported"),
    TARGET_TOO_LONG(414, "target too long"),
    HEAD_TOO_LARGE(431, "head too large"),
    TOO_MANY_FIELDS(431, "too many fields"),
    FIELD_NAME(400, "malformed field name"),
    FIELD_VALUE(400, "malformed field value"),
    UNDERSCORE(400, "underscore in a field name"),
    HOST_MISSING(400, "no Host"),
    HOST_TWICE(400, "more than one Host"),
    HOST(400, "malformed Host"),
    HOST_MISMATCH(400, "Host differs from the target"),
    LENGTH(400, "malformed Content-Length"),
    LENGTH_TWICE(400, "more than one Content-Length"),
    LENGTH_AND_CODING(400, "Content-Length with Transfer-Encoding"),
    CODING(400, "malformed Transfer-Encoding"),
    CODING_UNKNOWN(501, "transfer coding not implemented"),
    EXPECTATION(417, "expectation not known"),
    CONNECT_REFUSED(501, "CONNECT is not offered"),
    CHUNK(400, "malformed chunk"),
    UPGRADE_UNASKED(400, "101 that nobody asked for"),
    UPGRADE_OTHER(400, "101 for another protocol"),
    UPGRADE_UNPROVED(400, "101 without its proof");

    private final int status;
    private final String text;

    HeadError(int status, String text) {
        this.status = status;
        this.text = text;
    }

    public int status() {
        return status;
    }

    /// The fault of an endpoint whose response is wrong in this way.
    public Fault inResponse() {
        return switch (this) {
            case HEAD_TOO_LARGE, TOO_MANY_FIELDS -> Fault.RESPONSE_HEAD_TOO_LARGE;
            case CODING, CODING_UNKNOWN, CHUNK -> Fault.RESPONSE_CODING;
            default -> Fault.RESPONSE_MALFORMED;
        };
    }

    public String text() {
        return text;
    }
}
