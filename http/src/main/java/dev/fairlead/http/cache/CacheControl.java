package dev.fairlead.http.cache;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a message says of being stored and used again: the directives of its `Cache-Control` (RFC 9111 §5.2), or of
/// `CDN-Cache-Control` (RFC 9213), with names in any case. Of a directive given twice the first counts; one with a
/// value that is none (a number that is not digits) makes a response stale rather than fresh (RFC 9111 §4.2.1).
final class CacheControl {
    /// The directive is not there.
    static final long ABSENT = -1;
    /// RFC 9111 §1.2.2: seconds beyond this count as this.
    static final long MOST = Integer.MAX_VALUE;

    static final CacheControl NONE = new CacheControl();

    private long maxAge = ABSENT;
    private long sharedMaxAge = ABSENT;
    private long minFresh = ABSENT;
    private long maxStale = ABSENT;
    private long staleWhileRevalidate = ABSENT;
    private long staleIfError = ABSENT;
    private boolean noStore;
    private boolean noCache;
    private boolean isPrivate;
    private boolean isPublic;
    private boolean mustRevalidate;
    private boolean proxyRevalidate;
    private boolean mustUnderstand;
    private boolean onlyIfCached;
    private boolean isEmpty = true;
    private final List<String> withheld = new ArrayList<>(0);

    private CacheControl() {}

    /// Of every field of this name.
    static CacheControl of(Fields fields, FieldName name) {
        int field = fields.find(name);
        if (field < 0) {
            return NONE;
        }
        var all = new CacheControl();
        for (; field >= 0; field = fields.findAfter(field, name)) {
            all.read(fields.valueText(field));
        }
        return all;
    }

    static CacheControl of(String value) {
        var all = new CacheControl();
        all.read(value);
        return all;
    }

    private void read(String text) {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ',' || c == ' ' || c == '\t') {
                at++;
                continue;
            }
            int end = at;
            while (end < text.length() && text.charAt(end) != ',' && text.charAt(end) != '=') {
                end++;
            }
            String name = text.substring(at, end).strip().toLowerCase(Locale.ROOT);
            String value = null;
            if (end < text.length() && text.charAt(end) == '=') {
                int start = end + 1;
                if (start < text.length() && text.charAt(start) == '"') {
                    end = closing(text, start + 1);
                    value = text.substring(start + 1, end);
                    end = Math.min(text.length(), end + 1);
                    // What stands between the quote and the comma makes no value of it.
                    int comma = text.indexOf(',', end);
                    comma = comma < 0 ? text.length() : comma;
                    value += text.substring(end, comma).strip();
                    end = comma;
                } else {
                    int comma = text.indexOf(',', start);
                    end = comma < 0 ? text.length() : comma;
                    value = text.substring(start, end).stripTrailing();
                }
            }
            take(name, value);
            at = end;
        }
    }

    private static int closing(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at, text.length());
    }

    private void take(String name, @Nullable String value) {
        isEmpty = false;
        switch (name) {
            case "max-age" -> maxAge = first(maxAge, value, 0);
            case "s-maxage" -> sharedMaxAge = first(sharedMaxAge, value, 0);
            case "min-fresh" -> minFresh = first(minFresh, value, 0);
            // Without a value, any staleness will do (RFC 9111 §5.2.1.2).
            case "max-stale" -> maxStale = value == null ? MOST : first(maxStale, value, 0);
            case "stale-while-revalidate" -> staleWhileRevalidate = first(staleWhileRevalidate, value, ABSENT);
            case "stale-if-error" -> staleIfError = first(staleIfError, value, ABSENT);
            case "no-store" -> noStore = true;
            case "no-cache" -> noCache |= isUnqualified(value);
            case "private" -> isPrivate |= isUnqualified(value);
            case "public" -> isPublic = true;
            case "must-revalidate" -> mustRevalidate = true;
            case "proxy-revalidate" -> proxyRevalidate = true;
            case "must-understand" -> mustUnderstand = true;
            case "only-if-cached" -> onlyIfCached = true;
            default -> {}
        }
    }

    private static long first(long before, @Nullable String value, long wrong) {
        if (before != ABSENT) {
            return before;
        }
        long seconds = value == null ? -1 : seconds(value);
        return seconds < 0 ? wrong : seconds;
    }

    /// RFC 9111 §1.2.2: delta-seconds; -1 for what is none.
    static long seconds(String text) {
        if (text.isEmpty()) {
            return -1;
        }
        long all = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            all = Math.min(MOST, all * 10 + digit);
        }
        return all;
    }

    /// `no-cache` and `private` may name fields that they are about (RFC 9111 §5.2.2.4, §5.2.2.7): those are not
    /// stored, which serves both.
    private boolean isUnqualified(@Nullable String value) {
        if (value == null || value.isBlank()) {
            return true;
        }
        for (String field : value.split(",")) {
            withheld.add(field.strip().toLowerCase(Locale.ROOT));
        }
        return false;
    }

    /// Nothing is said.
    boolean isEmpty() {
        return isEmpty;
    }

    /// Seconds, or [#ABSENT].
    long maxAge() {
        return maxAge;
    }

    long sharedMaxAge() {
        return sharedMaxAge;
    }

    long minFresh() {
        return minFresh;
    }

    long maxStale() {
        return maxStale;
    }

    long staleWhileRevalidate() {
        return staleWhileRevalidate;
    }

    long staleIfError() {
        return staleIfError;
    }

    boolean isNoStore() {
        return noStore;
    }

    boolean isNoCache() {
        return noCache;
    }

    boolean isPrivate() {
        return isPrivate;
    }

    boolean isPublic() {
        return isPublic;
    }

    /// A stale response must not be used (RFC 9111 §5.2.2.2, §5.2.2.8, and §5.2.2.10 for `s-maxage`).
    boolean mustRevalidate() {
        return mustRevalidate || proxyRevalidate || sharedMaxAge != ABSENT;
    }

    /// That a request with credentials may be answered with it (RFC 9111 §3.5).
    boolean isSharedWithCredentials() {
        return mustRevalidate || isPublic || sharedMaxAge != ABSENT;
    }

    boolean isMustUnderstand() {
        return mustUnderstand;
    }

    boolean isOnlyIfCached() {
        return onlyIfCached;
    }

    /// Names, in lower case, of fields that are not to be stored.
    List<String> withheld() {
        return withheld;
    }
}
