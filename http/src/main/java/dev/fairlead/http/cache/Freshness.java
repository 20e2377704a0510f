package dev.fairlead.http.cache;

import dev.fairlead.config.CacheSpec;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;

/// How long a response may be used without asking again (RFC 9111 §4.2), and whether it may be stored at all (§3).
/// Pure: seconds since 1970 go in.
///
/// `lifetime` is how long it is fresh, from when the origin made it; `ageAtReceipt` how old it was when it came;
/// `receivedSeconds` when that was. A stale one may be used for `whileRevalidate` seconds while it is asked for anew,
/// and for `ifError` when asking fails (RFC 5861); never when it is `strict`.
record Freshness(
        long lifetime,
        long ageAtReceipt,
        long receivedSeconds,
        long whileRevalidate,
        long ifError,
        boolean alwaysAsk,
        boolean strict) {
    /// Statuses that may be stored without being told so (RFC 9110 §15.1); 206 is not stored here.
    static boolean isHeuristic(int status) {
        return switch (status) {
            case 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501 -> true;
            default -> false;
        };
    }

    /// Statuses whose rules for caches are known here (RFC 9111 §3, `must-understand`).
    private static boolean isUnderstood(int status) {
        return isHeuristic(status) || status == 302 || status == 303 || status == 307;
    }

    /// The directives that hold for us: those to shared caches of a CDN's kind, if there are any, and else the
    /// common ones (RFC 9213 §2.2).
    static CacheControl control(Fields fields) {
        CacheControl targeted = CacheControl.of(fields, FieldName.CDN_CACHE_CONTROL);
        return targeted.isEmpty() ? CacheControl.of(fields, FieldName.CACHE_CONTROL) : targeted;
    }

    /// Whether the final response to this request may be stored by a cache that many share. A cookie is mostly
    /// somebody's (RFC 9111 §7.3): a response that sets one is stored only when it says how long it is fresh.
    static boolean mayStore(Fields request, CacheControl asked, ResponseHead head, CacheSpec spec) {
        Fields fields = head.fields();
        CacheControl control = control(fields);
        int status = head.status();
        boolean isStorable = status >= 200 && status != 206 && status != 304;
        boolean isForbidden = control.isNoStore() && !(control.isMustUnderstand() && isUnderstood(status))
                || control.isMustUnderstand() && !isUnderstood(status)
                || control.isPrivate()
                || asked.isNoStore();
        if (!isStorable || isForbidden) {
            return false;
        }
        if (request.find(FieldName.AUTHORIZATION) >= 0 && !control.isSharedWithCredentials()) {
            return false;
        }
        if (fields.find(FieldName.SET_COOKIE) >= 0) {
            return saysHowLong(fields, control);
        }
        return control.isPublic() || saysHowLong(fields, control) || isHeuristic(status) && hasUse(fields, spec);
    }

    /// A lifetime of its own, as [#lifetime(ResponseHead, CacheControl, long, CacheSpec)] reads it; `public` is none.
    private static boolean saysHowLong(Fields fields, CacheControl control) {
        return control.maxAge() != CacheControl.ABSENT
                || control.sharedMaxAge() != CacheControl.ABSENT
                || !isTargeted(fields) && fields.find(FieldName.EXPIRES) >= 0;
    }

    /// RFC 9213 §2.2: then `Cache-Control` and `Expires` are not for us.
    private static boolean isTargeted(Fields fields) {
        return !CacheControl.of(fields, FieldName.CDN_CACHE_CONTROL).isEmpty();
    }

    /// Without a lifetime of its own, and without anything to ask again by, it would be stored for nothing.
    private static boolean hasUse(Fields fields, CacheSpec spec) {
        return fields.find(FieldName.LAST_MODIFIED) >= 0
                || fields.find(FieldName.ETAG) >= 0
                || spec.defaultTtl().isPositive();
    }

    /// Of a response that came at this time, so long after it was asked for.
    static Freshness of(ResponseHead head, CacheSpec spec, long delaySeconds, long receivedSeconds) {
        Fields fields = head.fields();
        CacheControl control = control(fields);
        long date = HttpDate.seconds(fields.valueText(FieldName.DATE));
        date = date == HttpDate.NONE ? receivedSeconds : date;
        // RFC 9111 §4.2.3.
        long apparent = Math.max(0, receivedSeconds - date);
        long told = age(fields) + delaySeconds;
        long lifetime =
                Math.min(lifetime(head, control, date, spec), spec.ttlMax().toSeconds());
        boolean strict = control.mustRevalidate();
        return new Freshness(
                lifetime,
                Math.max(apparent, told),
                receivedSeconds,
                strict
                        ? 0
                        : orElse(
                                control.staleWhileRevalidate(),
                                spec.staleWhileRevalidate().toSeconds()),
                strict ? 0 : orElse(control.staleIfError(), spec.staleIfError().toSeconds()),
                control.isNoCache(),
                strict);
    }

    private static long orElse(long said, long otherwise) {
        return said == CacheControl.ABSENT ? otherwise : said;
    }

    /// RFC 9111 §5.1: the first number; what is none is not there.
    private static long age(Fields fields) {
        String text = fields.valueText(FieldName.AGE);
        if (text == null) {
            return 0;
        }
        int comma = text.indexOf(',');
        return Math.max(0, CacheControl.seconds((comma < 0 ? text : text.substring(0, comma)).strip()));
    }

    /// RFC 9111 §4.2.1, for a cache that many share.
    private static long lifetime(ResponseHead head, CacheControl control, long date, CacheSpec spec) {
        Fields fields = head.fields();
        if (control.sharedMaxAge() != CacheControl.ABSENT) {
            return control.sharedMaxAge();
        }
        if (control.maxAge() != CacheControl.ABSENT) {
            return control.maxAge();
        }
        if (!isTargeted(fields) && fields.find(FieldName.EXPIRES) >= 0) {
            // RFC 9111 §5.3: what is no date, above all 0, has expired. So has one of two.
            boolean isOne = fields.findAfter(fields.find(FieldName.EXPIRES), FieldName.EXPIRES) < 0;
            long expires = isOne ? HttpDate.seconds(fields.valueText(FieldName.EXPIRES)) : HttpDate.NONE;
            return expires == HttpDate.NONE ? 0 : Math.max(0, expires - date);
        }
        if (!isHeuristic(head.status()) && !control.isPublic()) {
            return 0;
        }
        long modified = HttpDate.seconds(fields.valueText(FieldName.LAST_MODIFIED));
        if (modified == HttpDate.NONE || modified >= date) {
            return spec.defaultTtl().toSeconds();
        }
        // RFC 9111 §4.2.2: a tenth of the time since it was changed.
        return Math.min((date - modified) / 10, spec.heuristicMax().toSeconds());
    }

    /// The same, stale from now on.
    Freshness expired(long nowSeconds) {
        return new Freshness(
                Math.min(lifetime, age(nowSeconds)),
                ageAtReceipt,
                receivedSeconds,
                whileRevalidate,
                ifError,
                alwaysAsk,
                strict);
    }

    /// RFC 9111 §4.2.3, in seconds.
    long age(long nowSeconds) {
        return Math.min(CacheControl.MOST, ageAtReceipt + Math.max(0, nowSeconds - receivedSeconds));
    }

    /// Seconds for which it is still fresh; negative when it is stale.
    long left(long nowSeconds) {
        return lifetime - age(nowSeconds);
    }

    /// Whether it answers a request that says this without the origin being asked (RFC 9111 §4.2, §5.2.1).
    boolean isUsable(CacheControl asked, long nowSeconds) {
        if (alwaysAsk || asked.isNoCache()) {
            return false;
        }
        long left = left(nowSeconds);
        if (asked.maxAge() != CacheControl.ABSENT && age(nowSeconds) > asked.maxAge()) {
            return false;
        }
        if (asked.minFresh() != CacheControl.ABSENT && left < asked.minFresh()) {
            return false;
        }
        // A response is fresh while its lifetime is greater than its age.
        return left > 0 || asked.maxStale() != CacheControl.ABSENT && !strict && -left <= asked.maxStale();
    }

    /// Whether it may be used now while it is asked for anew.
    boolean isUsableMeanwhile(CacheControl asked, long nowSeconds) {
        long left = left(nowSeconds);
        return !alwaysAsk
                && !asked.isNoCache()
                && asked.maxAge() == CacheControl.ABSENT
                && left <= 0
                && -left < whileRevalidate;
    }

    /// Whether it may be used because the origin cannot be asked, or fails.
    boolean isUsableOnError(long nowSeconds) {
        return !alwaysAsk && -left(nowSeconds) < ifError;
    }
}
