package dev.fairlead.http.codec;

import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;

/// Writes requests to endpoints as HTTP/1.1 (RFC 9112 §3).
final class RequestWriter {
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HOST = "Host: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRAILERS = "TE: trailers\r\nConnection: TE\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] UPGRADE = "Connection: Upgrade\r\nUpgrade: ".getBytes(StandardCharsets.US_ASCII);

    private RequestWriter() {}

    /// Puts the whole head. `endpoint` is the host where that is the endpoint's, and when the request names none, as
    /// HTTP/1.0 may.
    static void head(RequestHead head, String endpoint, Bytes out) {
        out.clear();
        byte[] bytes = head.fields().bytes();
        if (head.startLineEnd() > 0) {
            head.fields().putLines(out, head.methodStart(), head.startLineEnd());
        } else {
            out.put(bytes, head.methodStart(), head.methodEnd()).put((byte) ' ');
            target(head, bytes, out);
            out.put(VERSION);
            head.fields().putLines(out);
        }
        if (head.fields().find(FieldName.HOST) < 0) {
            out.put(HOST);
            if (head.hasAuthority() && !head.isHostOfEndpoint()) {
                out.put(bytes, head.authorityStart(), head.authorityEnd());
            } else {
                out.put(endpoint);
            }
            out.put((byte) '\r').put((byte) '\n');
        }
        if (head.contentLength() == RequestHead.UNKNOWN) {
            out.put(CHUNKED);
        }
        byte[] upgrade = head.upgrade();
        if (upgrade != null) {
            out.put(UPGRADE).put(upgrade).put((byte) '\r').put((byte) '\n');
        } else if (head.wantsTrailers()) {
            out.put(TRAILERS);
        }
        out.put((byte) '\r').put((byte) '\n');
    }

    /// RFC 9112 §3.2.1: an absolute target without a path becomes `/`; and §3.2.4: of OPTIONS, `*`.
    private static void target(RequestHead head, byte[] bytes, Bytes out) {
        if (head.isRewritten()) {
            out.put(bytes, head.sentStart(), head.sentEnd());
            return;
        }
        if (head.targetStart() == head.pathEnd()) {
            boolean wholeServer = head.method() == Method.OPTIONS && head.targetEnd() == head.pathEnd();
            out.put((byte) (wholeServer ? '*' : '/'));
        }
        out.put(bytes, head.targetStart(), head.targetEnd());
    }
}
