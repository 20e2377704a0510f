package dev.fairlead.http;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.LogLine;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.TlsSession;
import dev.fairlead.upstream.Endpoint;

/// An exchange's line in the access log.
final class ExchangeRecord {
    private ExchangeRecord() {}

    static void write(Exchange exchange, String listener, long nowNanos, AccessLog log, Loop loop) {
        LogLine line = log.line(loop);
        if (log.format() == AccessLogSpec.Format.JSON) {
            json(exchange, listener, nowNanos, line);
        } else {
            combined(exchange, line);
        }
        log.write(line);
    }

    private static void json(Exchange exchange, String listener, long nowNanos, LogLine line) {
        RequestHead request = exchange.request();
        byte[] bytes = request.fields().bytes();
        Endpoint endpoint = exchange.endpoint();
        Fault fault = exchange.fault();
        byte[] ip = exchange.client().ip();
        line.time("time").field("listener", listener).field("client", ip, 0, ip.length);
        handshake(exchange.client(), line);
        int id = request.fields().find(FieldName.X_REQUEST_ID);
        if (id >= 0) {
            piece(
                    line,
                    "requestId",
                    bytes,
                    request.fields().valueStart(id),
                    request.fields().valueEnd(id));
        }
        piece(line, "method", bytes, request.methodStart(), request.methodEnd());
        piece(line, "host", bytes, request.authorityStart(), request.authorityEnd());
        piece(line, "target", bytes, request.targetStart(), request.targetEnd());
        if (request.version() != HttpVersion.HTTP_1_1) {
            line.field("version", request.version().label());
        }
        line.field("status", exchange.status())
                .field("requestBytes", exchange.requestBytes())
                .field("responseBytes", exchange.responseBytes())
                .field("route", exchange.route())
                .field("upstream", exchange.upstream())
                .field("endpoint", endpoint == null ? null : endpoint.name())
                .field("attempts", exchange.attempts());
        if (exchange.retried() != null) {
            line.field("retry", exchange.retried().label());
        }
        if (exchange.hedged() != null) {
            line.field("hedged", exchange.hedged().label());
        }
        if (exchange.cached() != null) {
            line.field("cache", exchange.cached());
        }
        if (exchange.grpcStatus() != null) {
            line.field("grpcStatus", exchange.grpcStatus().label());
        }
        line.millis("connectMillis", exchange.connectNanos());
        if (exchange.firstByteNanos() != 0) {
            line.millis("firstByteMillis", exchange.firstByteNanos() - exchange.sentNanos());
        }
        line.millis("totalMillis", nowNanos - exchange.startNanos());
        if (exchange.tunnelEnd() != null) {
            line.field("tunnel", exchange.tunnelEnd());
        }
        if (fault != null) {
            line.field("fault", fault.error()).field("details", exchange.details());
        }
    }

    /// What is known of the connection before the first request on it.
    private static void handshake(Client client, LogLine line) {
        if (client.uniqueId() != null) {
            line.field("uniqueId", client.uniqueId());
        }
        TlsSession tls = client.tls();
        if (tls == null) {
            return;
        }
        line.field("tls", tls.version()).field("cipher", tls.cipher());
        if (client.sni() != null) {
            line.field("sni", client.sni());
        }
        if (!tls.clientSubject().isEmpty()) {
            line.field("clientSubject", tls.clientSubject());
        }
    }

    private static void piece(LogLine line, String name, byte[] bytes, int from, int to) {
        line.field(name, bytes, from, to - from);
    }

    /// `client - - [time] "request line" status bytes "referer" "user agent"`
    private static void combined(Exchange exchange, LogLine line) {
        RequestHead request = exchange.request();
        Fields fields = request.fields();
        byte[] bytes = fields.bytes();
        byte[] ip = exchange.client().ip();
        line.text(ip, 0, ip.length).raw(" - - ").ncsaTime().raw(" \"");
        line.text(bytes, request.methodStart(), request.methodEnd() - request.methodStart());
        line.raw(" ").text(bytes, request.targetStart(), request.targetEnd() - request.targetStart());
        line.raw(" ").raw(request.version().label()).raw("\" ");
        line.number(exchange.status()).raw(" ").number(exchange.responseBytes());
        quoted(line, fields, FieldName.REFERER);
        quoted(line, fields, FieldName.USER_AGENT);
    }

    private static void quoted(LogLine line, Fields fields, FieldName name) {
        int field = fields.find(name);
        line.raw(" \"");
        if (field < 0) {
            line.raw("-");
        } else {
            line.text(fields.bytes(), fields.valueStart(field), fields.valueEnd(field) - fields.valueStart(field));
        }
        line.raw("\"");
    }
}
