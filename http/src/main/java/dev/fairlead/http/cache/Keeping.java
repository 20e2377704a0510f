package dev.fairlead.http.cache;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import org.jspecify.annotations.Nullable;

/// What is kept of the response to one fill, and under what head; unless it was forgotten meanwhile. The fill's loop
/// only.
final class Keeping {
    private final Cache cache;
    private final Visit visit;
    private final Fill fill;
    /// Of the request that the fill makes.
    private final Fields request;
    private final long askedNanos = System.nanoTime();

    Keeping(Cache cache, Visit visit, Fill fill, Fields request) {
        this.cache = cache;
        this.visit = visit;
        this.fill = fill;
        this.request = request;
    }

    private Freshness freshness(ResponseHead head, long now) {
        return Freshness.of(head, visit.terms().spec(), (System.nanoTime() - askedNanos) / 1_000_000_000L, now);
    }

    /// What begins with this head; null when it may not be kept.
    @Nullable
    Entry begun(ResponseHead head, Body body, long now) {
        Vary vary = Vary.of(head.fields(), request);
        return vary == null || !visit.mayStore(request, head) ? null : Entry.of(head, body, freshness(head, now), vary);
    }

    /// What a 304 makes of it (RFC 9111 §4.3.4).
    Entry renewed(Entry known, ResponseHead head, long now) {
        ResponseHead newer = known.updated(head);
        Vary vary = Vary.of(newer.fields(), request);
        Entry renewed = Entry.of(newer, known.body(), freshness(newer, now), vary == null ? known.vary() : vary);
        if (vary == null) {
            forget(known);
        } else {
            put(renewed);
        }
        return renewed;
    }

    /// All of what is kept in parts, when this is the answer to what was missing between them (RFC 9111 §3.4); null
    /// when it is not.
    @Nullable
    Entry completed(Entry known, PartialBody parts, ResponseHead head, Body body, long now) {
        ContentRange range = ContentRange.of(head);
        boolean isMissing = range != null
                && range.from() == parts.missingFrom()
                && range.to() == parts.missingTo()
                && known.isSame(head.fields().valueText(FieldName.ETAG), range.size());
        if (range == null || !isMissing) {
            return null;
        }
        ResponseHead whole = range.whole(head);
        ResponseHead newer = known.updated(whole);
        Vary vary = Vary.of(newer.fields(), request);
        boolean isKept = vary != null && vary.isSame(known.vary()) && visit.mayStore(request, whole);
        return isKept ? Entry.of(newer, body, freshness(newer, now), known.vary()) : null;
    }

    /// It is another now, if there is one.
    void forget(@Nullable Entry known) {
        if (known != null) {
            cache.remove(visit.key(), known);
        }
    }

    /// What is here has a body of its own from now on, which those who are still given this one do not need.
    void whole(Entry whole) {
        Entry kept = whole.compact(cache.pages());
        if (kept != null) {
            put(kept);
            kept.body().let();
        }
    }

    private void put(Entry kept) {
        cache.underway().ifHere(visit.key(), fill, () -> cache.put(visit.key(), kept));
    }

    /// What has come of a body that broke off is there to be completed.
    void broken(Entry broken) {
        Body body = broken.body();
        long size = broken.head().contentLength();
        if (body.size() == 0 || body.size() > size || !visit.mayKeepParts(broken.head())) {
            return;
        }
        Body come = body.compact(cache.pages());
        if (come != null) {
            Entry part = broken.part(size, 0, come);
            cache.putParts(visit.key(), part, act -> cache.underway().ifHere(visit.key(), fill, act));
            come.let();
        }
    }
}
