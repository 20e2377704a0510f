package dev.fairlead.http.filter;

import dev.fairlead.config.FileContent;
import dev.fairlead.config.HeaderRulesSpec;
import dev.fairlead.config.RespondSpec;
import dev.fairlead.http.exchange.ErrorPage;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A route's own answer, with its body at hand. Immutable.
final class FixedAnswer {
    private static final byte[] ANY = {'*'};

    private final int status;
    private final byte[] body;
    private final byte @Nullable [] contentType;
    private final byte @Nullable [] etag;
    private final @Nullable HeaderRules rules;
    private final boolean hasBody;

    FixedAnswer(RespondSpec spec) {
        FileContent file = spec.file();
        this.status = spec.status();
        this.body = file != null ? file.bytes() : bytes(spec.body() == null ? "" : spec.body());
        String given = spec.contentType();
        this.hasBody = file != null || spec.body() != null;
        String type = given != null ? given : file != null ? file.contentType() : "text/plain; charset=utf-8";
        this.contentType = hasBody || given != null ? bytes(type) : null;
        // RFC 9110 §13.2.1: conditions are looked at for what would be a 200.
        this.rules = HeaderRules.of(new HeaderRulesSpec(spec.headers(), Map.of(), List.of()));
        this.etag = file != null && status == 200 ? etag(body) : null;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] etag(byte[] body) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
            return bytes('"' + HexFormat.of().formatHex(hash, 0, 12) + '"');
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }

    /// `scratch` is the caller's.
    OwnResponse to(Exchange exchange, Bytes scratch) {
        boolean isKnown = etag != null
                && exchange.request().method().isSafe()
                && hasTag(exchange.request().fields(), etag);
        OwnResponse response = new OwnResponse(exchange, isKnown ? 304 : status);
        if (contentType != null && !isKnown) {
            response.fields().add(FieldName.CONTENT_TYPE, contentType, 0, contentType.length);
        }
        if (etag != null) {
            response.fields().add(FieldName.ETAG, etag, 0, etag.length);
        }
        if (rules != null) {
            rules.apply(response.fields(), exchange.request(), exchange.client(), exchange.route(), scratch);
        }
        ErrorPage page = hasBody ? null : exchange.page(status);
        return page == null ? response.body(body) : page.on(response, exchange);
    }

    /// RFC 9110 §13.1.2, by weak comparison; the tag has no comma.
    private static boolean hasTag(Fields fields, byte[] etag) {
        for (int i = fields.find(FieldName.IF_NONE_MATCH); i >= 0; i = fields.findAfter(i, FieldName.IF_NONE_MATCH)) {
            byte[] bytes = fields.bytes();
            int from = fields.valueStart(i);
            int to = fields.valueEnd(i);
            boolean isAny = Ascii.equalsIgnoreCase(bytes, from, to, ANY);
            if (isAny || Ascii.listHas(bytes, from, to, etag) || Ascii.listHas(bytes, from, to, weak(etag))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] weak(byte[] etag) {
        return bytes("w/" + new String(etag, StandardCharsets.US_ASCII));
    }
}
