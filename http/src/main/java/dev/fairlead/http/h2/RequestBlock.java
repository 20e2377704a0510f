package dev.fairlead.http.h2;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/// Makes heads of requests into field blocks of HTTP/2 (RFC 9113 §8.3.1). The block is a copy.
final class RequestBlock {
    private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
    private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString ROOT = AsciiString.cached("/");
    private static final AsciiString ASTERISK = AsciiString.cached("*");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");

    private RequestBlock() {}

    /// `endpoint` is the host where that is the endpoint's, and when the request names none, as HTTP/1.0 may.
    static Http2Headers head(RequestHead head, String endpoint, boolean isSecured) {
        Fields fields = head.fields();
        Http2Headers block = new DefaultHttp2Headers(false, 16);
        byte[] protocol = head.upgrade();
        if (protocol == null) {
            block.method(ResponseBlock.copy(fields.bytes(), head.methodStart(), head.methodEnd()));
        } else {
            // RFC 8441 §4.
            block.method(CONNECT).add(PROTOCOL, new AsciiString(protocol));
        }
        block.scheme(isSecured ? HTTPS : HTTP);
        block.authority(authority(head, endpoint));
        block.path(path(head));
        for (int i = 0; i < fields.count(); i++) {
            if (fields.name(i) != FieldName.HOST && fields.name(i) != FieldName.SEC_WEBSOCKET_KEY) {
                ResponseBlock.put(fields, i, block);
            }
        }
        if (head.wantsTrailers()) {
            block.add(TE, TRAILERS);
        }
        return block;
    }

    private static AsciiString authority(RequestHead head, String endpoint) {
        Fields fields = head.fields();
        int host = fields.find(FieldName.HOST);
        if (host >= 0) {
            return ResponseBlock.copy(fields.bytes(), fields.valueStart(host), fields.valueEnd(host));
        }
        return head.hasAuthority() && !head.isHostOfEndpoint()
                ? ResponseBlock.copy(fields.bytes(), head.authorityStart(), head.authorityEnd())
                : new AsciiString(endpoint);
    }

    /// An absolute target without a path becomes `/`; of OPTIONS, `*`.
    private static AsciiString path(RequestHead head) {
        byte[] bytes = head.fields().bytes();
        if (head.isRewritten()) {
            return ResponseBlock.copy(bytes, head.sentStart(), head.sentEnd());
        }
        if (head.targetStart() < head.pathEnd()) {
            return ResponseBlock.copy(bytes, head.targetStart(), head.targetEnd());
        }
        if (head.targetStart() == head.targetEnd()) {
            return head.method() == Method.OPTIONS ? ASTERISK : ROOT;
        }
        return new AsciiString("/" + head.targetText());
    }
}
