package dev.fairlead.http.codec;

import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.DateField;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Reason;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;

/// Writes response heads to clients as HTTP/1.1 (RFC 9112 §4).
final class ResponseWriter {
    private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "Connection: keep-alive\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UPGRADE = "Connection: Upgrade\r\nUpgrade: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CRLF_CRLF = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /// Digits and space before the reason.
    private static final int STATUS = 4;

    /// What the head says of the connection.
    enum Connection {
        CLOSE,
        KEEP_ALIVE,
        /// HTTP/1.1 goes on unless it is told otherwise.
        UNSAID,
        /// It is another protocol's from here on, which the caller names.
        UPGRADE
    }

    private ResponseWriter() {}

    /// The head of a 101: RFC 9110 §7.8.
    static void switching(ResponseHead head, byte[] protocol, byte[] via, Bytes out) {
        head(head, false, Connection.UPGRADE, via, out);
        out.put(UPGRADE).put(protocol).put(CRLF_CRLF);
    }

    /// `via` is the whole line of `Via`.
    static void head(ResponseHead head, boolean chunked, Connection connection, byte[] via, Bytes out) {
        out.clear();
        out.put(VERSION);
        Fields fields = head.fields();
        if (head.reasonStart() > 0) {
            // Status and reason as they came; the version of the endpoint's connection is not ours.
            fields.putLines(out, head.reasonStart() - STATUS, head.reasonEnd() + 2);
        } else {
            out.putDecimal(head.status()).put((byte) ' ').put(Reason.text(head.status()));
            out.put((byte) '\r').put((byte) '\n');
            fields.putLines(out);
        }
        if (!head.isInformational()) {
            if (fields.find(FieldName.DATE) < 0) {
                out.put(DateField.line());
            }
            // RFC 9110 §7.6.3: a proxy MUST.
            out.put(via);
        }
        if (chunked) {
            out.put(CHUNKED);
        }
        switch (connection) {
            case CLOSE -> out.put(CLOSE);
            case KEEP_ALIVE -> out.put(KEEP_ALIVE);
            case UNSAID -> {}
            case UPGRADE -> {
                return;
            }
        }
        out.put((byte) '\r').put((byte) '\n');
    }
}
