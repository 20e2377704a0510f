package dev.fairlead.http.exchange;

import dev.fairlead.config.ErrorPageSpec;
import dev.fairlead.config.FileContent;
import dev.fairlead.config.StatusRange;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The body of responses that tell of an error. Immutable.
public final class ErrorPage {
    private static final byte[] STATUS = "{status}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REQUEST_ID = "{request-id}".getBytes(StandardCharsets.US_ASCII);

    /// What an endpoint says of a body that is not sent (RFC 9110 §8, RFC 9530).
    private static final byte[][] OF_THE_BODY = List.of(
                    "content-encoding",
                    "content-language",
                    "content-location",
                    "content-range",
                    "content-disposition",
                    "content-digest",
                    "content-md5",
                    "repr-digest",
                    "digest",
                    "accept-ranges",
                    "last-modified")
            .stream()
            .map(each -> each.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private final List<StatusRange> statuses;
    private final boolean intercepts;
    private final byte[] body;
    private final byte[] contentType;

    ErrorPage(ErrorPageSpec spec) {
        this.statuses = spec.status();
        this.intercepts = spec.intercept();
        FileContent file = spec.file();
        this.body = file != null
                ? file.bytes()
                : Objects.requireNonNull(spec.body()).getBytes(StandardCharsets.UTF_8);
        String given = spec.contentType();
        String type = given != null ? given : file != null ? file.contentType() : "text/plain; charset=utf-8";
        this.contentType = type.getBytes(StandardCharsets.US_ASCII);
    }

    /// The pages of a listener or route; null when there are none.
    public static ErrorPage @Nullable [] of(List<ErrorPageSpec> specs) {
        return specs.isEmpty() ? null : specs.stream().map(ErrorPage::new).toArray(ErrorPage[]::new);
    }

    /// The first one for a status, or null. `instead`: only those for what endpoints answer.
    static @Nullable ErrorPage of(ErrorPage @Nullable [] pages, int status, boolean instead) {
        if (pages != null) {
            for (ErrorPage page : pages) {
                if ((page.intercepts || !instead) && page.isFor(status)) {
                    return page;
                }
            }
        }
        return null;
    }

    private boolean isFor(int status) {
        return statuses.stream().anyMatch(each -> each.first() <= status && status <= each.last());
    }

    /// Becomes the body of a response.
    public OwnResponse on(OwnResponse response, Exchange exchange) {
        response.fields().add(FieldName.CONTENT_TYPE, contentType, 0, contentType.length);
        return response.body(body(exchange.request().fields(), response.status()));
    }

    /// The response to send instead of an endpoint's: its head, but for what it says of its body. That one is still to
    /// be read by its own head.
    public OwnResponse instead(Exchange exchange, ResponseHead theirs) {
        ResponseHead head = theirs.copy();
        Fields fields = head.fields();
        fields.removeAll(FieldName.CONTENT_LENGTH);
        fields.removeAll(FieldName.CONTENT_TYPE);
        fields.removeAll(FieldName.ETAG);
        fields.removeAll(FieldName.TRAILER);
        for (byte[] name : OF_THE_BODY) {
            fields.removeAll(FieldName.of(new String(name, StandardCharsets.US_ASCII)), name);
        }
        return on(new OwnResponse(exchange, head), exchange);
    }

    private byte[] body(Fields request, int status) {
        Bytes out = null;
        int from = 0;
        for (int at = 0; at < body.length; at++) {
            if (body[at] != '{') {
                continue;
            }
            boolean isStatus = isAt(at, STATUS);
            if (!isStatus && !isAt(at, REQUEST_ID)) {
                continue;
            }
            out = out == null ? new Bytes(body.length + 64) : out;
            out.put(body, from, at);
            if (isStatus) {
                out.putDecimal(status);
            } else {
                id(request, out);
            }
            from = at + (isStatus ? STATUS : REQUEST_ID).length;
        }
        if (out == null) {
            return body;
        }
        out.put(body, from, body.length);
        return Arrays.copyOf(out.array(), out.length());
    }

    private boolean isAt(int at, byte[] variable) {
        int end = at + variable.length;
        return end <= body.length && Arrays.equals(body, at, end, variable, 0, variable.length);
    }

    /// Only what means nothing in HTML, JSON or a script: the request may not have been received, and then its id is
    /// whatever a client has sent.
    private static void id(Fields request, Bytes out) {
        int id = request.find(FieldName.X_REQUEST_ID);
        if (id < 0) {
            return;
        }
        byte[] bytes = request.bytes();
        for (int i = request.valueStart(id); i < request.valueEnd(id); i++) {
            byte b = bytes[i];
            boolean isPlain = b >= 'a' && b <= 'z'
                    || b >= 'A' && b <= 'Z'
                    || b >= '0' && b <= '9'
                    || b == '-'
                    || b == '_'
                    || b == '.';
            if (!isPlain) {
                return;
            }
        }
        out.put(bytes, request.valueStart(id), request.valueEnd(id));
    }
}
