package dev.fairlead.http.filter;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;

/// Tells the endpoint who asked, for what and how: `Via` (RFC 9110 §7.6.3), `Forwarded` (RFC 7239) and the
/// `X-Forwarded-` fields that came before it. What a client says of itself in these is not believed: it is
/// replaced. One thread.
public final class ForwardedFields {
    private static final byte[] VIA = "1.1 fairlead".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VIA_10 = "1.0 fairlead".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTP = "http".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HOST = ";host=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PROTO = ";proto=http".getBytes(StandardCharsets.US_ASCII);
    private static final FieldName[] OURS = {
        FieldName.FORWARDED, FieldName.X_FORWARDED_FOR, FieldName.X_FORWARDED_HOST, FieldName.X_FORWARDED_PROTO
    };

    private final Bytes scratch = new Bytes(256);

    public void add(RequestHead request, Client client) {
        Fields fields = request.fields();
        for (FieldName name : OURS) {
            fields.removeAll(name);
        }
        byte[] ip = client.ip();
        fields.add(FieldName.X_FORWARDED_FOR, ip, 0, ip.length);
        fields.add(FieldName.X_FORWARDED_PROTO, HTTP, 0, HTTP.length);
        scratch.clear().put(client.forwardedFor());
        if (request.hasAuthority()) {
            int start = request.authorityStart();
            int end = request.authorityEnd();
            fields.add(FieldName.X_FORWARDED_HOST, fields.bytes(), start, end);
            host(fields.bytes(), start, end);
        }
        scratch.put(PROTO);
        fields.add(FieldName.FORWARDED, scratch.array(), 0, scratch.length());
        byte[] via = request.isFromVersion10() ? VIA_10 : VIA;
        fields.add(FieldName.VIA, via, 0, via.length);
    }

    /// RFC 7239 §4: a value that is no token, as one with a port, stands in quotes.
    private void host(byte[] bytes, int start, int end) {
        boolean token = true;
        for (int i = start; i < end; i++) {
            token &= Ascii.isToken(bytes[i]);
        }
        scratch.put(HOST);
        if (token) {
            scratch.put(bytes, start, end);
        } else {
            scratch.put((byte) '"').put(bytes, start, end).put((byte) '"');
        }
    }
}
