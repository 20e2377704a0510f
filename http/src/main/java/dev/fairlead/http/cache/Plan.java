package dev.fairlead.http.cache;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import org.jspecify.annotations.Nullable;

/// What is to be done with a request on a route that caches, by what it says and by what is kept. `why` is for
/// `Cache-Status`, where the endpoint is asked by itself. Pure.
record Plan(Act act, String why) {
    enum Act {
        /// What is kept answers it.
        HIT,
        /// What is kept answers it, and is asked for anew meanwhile.
        STALE,
        /// Nothing that is kept answers it, and nothing else is to (RFC 9111 §5.2.1.7).
        REFUSE,
        /// The endpoint is asked for everybody who wants the same.
        ASK,
        /// The endpoint is asked for this one.
        PASS
    }

    private static final Plan HIT = new Plan(Act.HIT, "");
    private static final Plan STALE = new Plan(Act.STALE, "");
    private static final Plan REFUSE = new Plan(Act.REFUSE, "request");
    private static final Plan ASK = new Plan(Act.ASK, "");
    private static final Plan PASS_METHOD = new Plan(Act.PASS, "method");
    private static final Plan PASS_REQUEST = new Plan(Act.PASS, "request");
    private static final Plan PASS_MISS = new Plan(Act.PASS, "miss");
    private static final Plan PASS_PARTIAL = new Plan(Act.PASS, "partial");

    /// Of a request that is not for the cache at all; null when it is.
    static @Nullable Plan past(RequestHead request, RouteCache terms) {
        Method method = request.method();
        if (method != Method.GET && method != Method.HEAD) {
            return PASS_METHOD;
        }
        String bypass = terms.bypass(request);
        return bypass == null ? null : new Plan(Act.PASS, bypass);
    }

    /// `known`: what is kept for it, fresh or not. `isPassed`: the last response of its key could not be kept.
    static Plan of(RequestHead request, CacheControl asked, @Nullable Entry known, boolean isPassed, long nowSeconds) {
        boolean isPartial = known != null && known.parts() != null;
        if (known != null && known.freshness().isUsable(asked, nowSeconds) && Conditions.isAnswered(request, known)) {
            return HIT;
        }
        if (asked.isOnlyIfCached()) {
            return REFUSE;
        }
        if (known != null && !isPartial && known.freshness().isUsableMeanwhile(asked, nowSeconds)) {
            return STALE;
        }
        if (request.method() == Method.HEAD) {
            return PASS_MISS;
        }
        if (request.fields().find(FieldName.RANGE) >= 0 && (known == null || isPartial)) {
            // Asking for all of it, to give a part, may take far too long.
            return isPartial ? PASS_PARTIAL : PASS_MISS;
        }
        if (asked.isNoStore()) {
            return PASS_REQUEST;
        }
        return known == null && isPassed ? PASS_MISS : ASK;
    }
}
