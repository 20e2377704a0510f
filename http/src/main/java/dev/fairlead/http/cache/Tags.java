package dev.fairlead.http.cache;

import dev.fairlead.http.message.Fields;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The words by which an origin lets responses be purged together: `Cache-Tag`, parted by commas, and `Surrogate-Key`,
/// parted by blanks. They are looked for in the heads that are kept: an index would take memory for every one of them,
/// and a purge is rare.
final class Tags {
    private static final byte[] CACHE_TAG = "cache-tag".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SURROGATE_KEY = "surrogate-key".getBytes(StandardCharsets.US_ASCII);

    private Tags() {}

    static boolean has(Fields response, String tag) {
        return has(response, CACHE_TAG, ",", tag) || has(response, SURROGATE_KEY, "[ \t]+", tag);
    }

    private static boolean has(Fields response, byte[] name, String parting, String tag) {
        for (int i = response.findAfter(-1, name); i >= 0; i = response.findAfter(i, name)) {
            boolean isThere = Arrays.stream(response.valueText(i).split(parting))
                    .anyMatch(each -> each.strip().equals(tag));
            if (isThere) {
                return true;
            }
        }
        return false;
    }
}
