package dev.fairlead.http.exchange;

/// Why an exchange could not go as asked: where it went wrong, what the client is told, and what the log and the
/// metrics call it. A value, never thrown.
public enum Fault {
    REQUEST_MALFORMED(400, "http_request_error"),
    REQUEST_TIMEOUT(408, "http_request_error"),
    /// Of the body, `limits.min-rate` did not come.
    REQUEST_TOO_SLOW(408, "http_request_error"),
    BODY_TOO_LARGE(413, "http_request_error"),
    /// What the route's `rewrite` or `redirect` makes of the path is none.
    PATH_NOT_MADE(400, "http_request_error"),
    TARGET_TOO_LONG(414, "http_request_error"),
    EXPECTATION_UNKNOWN(417, "http_request_error"),
    /// For a host that the client's TLS connection is not for (RFC 9110 §15.5.20).
    MISDIRECTED(421, "http_request_error"),
    HEAD_TOO_LARGE(431, "http_request_error"),
    /// RFC 9209 §2.3.17 speaks of 4xx alone as errors of a request; what we do not have is our own answer.
    NOT_IMPLEMENTED(501, "proxy_internal_response"),
    VERSION_UNSUPPORTED(505, "proxy_internal_response"),
    /// The client left before the exchange was over. There is nobody to tell: the log has this and the status that the
    /// client had been sent, or 0, where nginx has 499.
    DOWNSTREAM_GONE(499, "downstream_gone"),
    /// The client did not take the response for too long.
    DOWNSTREAM_STALLED(499, "downstream_stalled"),
    /// The client took less of the response than `limits.min-rate`.
    DOWNSTREAM_TOO_SLOW(499, "downstream_too_slow"),

    NO_ROUTE(404, "destination_not_found"),
    NO_ENDPOINT(503, "destination_unavailable"),
    CONNECTION_LIMIT(503, "connection_limit_reached"),
    /// The files that TLS with the endpoints needs cannot be used.
    TLS_UNPREPARED(502, "proxy_configuration_error"),
    /// The process has as many files and sockets open as it may.
    NO_DESCRIPTOR(503, "proxy_internal_error"),
    /// `timeouts.total` of the route. RFC 9209 §2.3.16 has one word for every wait for a whole response.
    TOTAL_TIMEOUT(504, "http_response_timeout"),
    /// The request has been here before, too often.
    LOOP(502, "proxy_loop_detected"),
    /// The drain's deadline came before the exchange's end.
    DRAINED(503, "drained"),

    CONNECTION_REFUSED(502, "connection_refused", true),
    CONNECTION_TIMEOUT(504, "connection_timeout", true),
    /// The endpoint's certificate is not believed.
    TLS_CERTIFICATE(502, "tls_certificate_error", true),
    TLS_ALERT(502, "tls_alert_received", true),
    TLS_PROTOCOL(502, "tls_protocol_error", true),
    /// The endpoint says that it has not looked at the request (RFC 9113 §8.7): it was too much, or its connection is
    /// leaving.
    STREAM_REFUSED(502, "connection_terminated", true),
    CONNECTION_TERMINATED(502, "connection_terminated"),
    CONNECTION_WRITE_TIMEOUT(504, "connection_write_timeout"),
    CONNECTION_READ_TIMEOUT(504, "connection_read_timeout"),
    RESPONSE_TIMEOUT(504, "http_response_timeout"),
    RESPONSE_INCOMPLETE(502, "http_response_incomplete"),
    RESPONSE_HEAD_TOO_LARGE(502, "http_response_header_section_size"),
    /// Its transfer coding is none, or one that we do not have.
    RESPONSE_CODING(502, "http_response_transfer_coding"),
    RESPONSE_MALFORMED(502, "http_protocol_error"),
    /// Its body is not of the content coding that it names.
    RESPONSE_CONTENT_CODING(502, "http_response_content_coding"),
    /// Decoded it is more than `decompress-max` or `decompress-ratio` allow.
    RESPONSE_BODY_TOO_LARGE(502, "http_response_body_size");

    private final int status;
    private final String error;
    private final boolean unprocessed;

    Fault(int status, String error) {
        this(status, error, false);
    }

    Fault(int status, String error, boolean unprocessed) {
        this.status = status;
        this.error = error;
        this.unprocessed = unprocessed;
    }

    public int status() {
        return status;
    }

    /// The error type of RFC 9209 §2.3 where it has one, else a word of ours that no client sees.
    public String error() {
        return error;
    }

    /// The endpoint cannot have begun with the request: it may be asked again, whatever its method.
    public boolean isUnprocessed() {
        return unprocessed;
    }

    /// The fault of a request that is refused with this status.
    public static Fault ofRequest(int status) {
        return switch (status) {
            case 414 -> TARGET_TOO_LONG;
            case 417 -> EXPECTATION_UNKNOWN;
            case 431 -> HEAD_TOO_LARGE;
            case 501 -> NOT_IMPLEMENTED;
            case 505 -> VERSION_UNSUPPORTED;
            default -> REQUEST_MALFORMED;
        };
    }
}
