package dev.fairlead.http;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.net.tls.Issuer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The answer to an ACME authority that asks over HTTP in the clear whether a name is ours (RFC 8555 §8.3). It comes
/// before whatever routes do, such as sending everybody to `https`.
final class Proof {
    private static final String FOLDER = "/.well-known/acme-challenge/";
    private static final int TOKEN_MAX = 256;

    private Proof() {}

    /// Null: the request is not such a question, or nobody is expected to ask it.
    static @Nullable OwnResponse of(Exchange exchange, Issuer issuer) {
        if (!issuer.hasTokens() || exchange.client().tls() != null) {
            return null;
        }
        RequestHead request = exchange.request();
        int start = request.targetStart();
        int length = request.pathEnd() - start;
        if (length <= FOLDER.length() || length > FOLDER.length() + TOKEN_MAX) {
            return null;
        }
        String path = new String(request.fields().bytes(), start, length, StandardCharsets.ISO_8859_1);
        byte[] answer = path.startsWith(FOLDER) ? issuer.answer(path.substring(FOLDER.length())) : null;
        if (answer == null) {
            return null;
        }
        OwnResponse response = new OwnResponse(exchange, 200).body(answer);
        response.fields().add(FieldName.CONTENT_TYPE, "application/octet-stream");
        return response;
    }
}
