package dev.fairlead.http.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;

/// Entries for tests: fresh for a minute since the second 1,000,000, and told apart by language.
final class Entries {
    static final Freshness FRESHNESS = new Freshness(60, 1, 1_000_000, 2, 3, false, true);

    private Entries() {}

    static Entry of(String language, byte[] body) {
        var head = new ResponseHead();
        head.status(200, 0, 0);
        head.contentLength(ResponseHead.UNKNOWN);
        add(head.fields(), "ETag", "\"1\"");
        add(head.fields(), "Cache-Tag", "a, b");
        add(head.fields(), "Vary", "Accept-Language");
        Vary vary = Vary.of(head.fields(), asking(language));
        if (vary == null) {
            throw new IllegalStateException("it varies by a language");
        }
        return new Entry(head, Body.of(body), FRESHNESS, vary);
    }

    /// The fields of a request for it.
    static Fields asking(String language) {
        var request = new Fields();
        add(request, "Accept-Language", language);
        return request;
    }

    private static void add(Fields fields, String name, String value) {
        byte[] bytes = value.getBytes(US_ASCII);
        fields.add(FieldName.of(name), name.getBytes(US_ASCII), bytes, 0, bytes.length);
    }
}
