package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import org.jspecify.annotations.Nullable;

/// What the answer to `HEAD` makes of what is kept for `GET` (RFC 9111 §4.3.5): it is fresh again by that head, or,
/// when
/// it is another by now, stale. Before another filter.
final class HeadUpdate implements ResponseFilter {
    private final ResponseFilter next;
    private final Cache cache;
    private final Visit visit;
    private final long askedNanos = System.nanoTime();

    HeadUpdate(ResponseFilter next, Cache cache, Visit visit) {
        this.next = next;
        this.cache = cache;
        this.visit = visit;
    }

    @Override
    public void change(Exchange exchange, ResponseHead head) {
        Fields request = exchange.request().fields();
        // What is said to somebody who has proved who he is need not be so for others.
        if (head.status() == 200 && exchange.fault() == null && request.find(FieldName.AUTHORIZATION) < 0) {
            cache.change(visit.key(), request, known -> changed(known, request, head));
        }
        next.change(exchange, head);
    }

    private Entry changed(Entry known, Fields request, ResponseHead head) {
        long now = CacheLane.nowSeconds();
        if (!isSame(known, head.fields()) || !visit.mayStore(request, head)) {
            return known.with(known.freshness().expired(now));
        }
        long delaySeconds = (System.nanoTime() - askedNanos) / 1_000_000_000L;
        ResponseHead newer = known.updated(head);
        Freshness freshness = Freshness.of(newer, visit.terms().spec(), delaySeconds, now);
        return Entry.of(newer, known.body(), freshness, known.vary());
    }

    private static boolean isSame(Entry known, Fields head) {
        String length = head.valueText(FieldName.CONTENT_LENGTH);
        return isSame(head.valueText(FieldName.ETAG), known.etag())
                && isSame(head.valueText(FieldName.LAST_MODIFIED), known.lastModified())
                && (length == null || length.equals(Long.toString(known.body().size())));
    }

    /// What is not said is not another.
    private static boolean isSame(@Nullable String said, @Nullable String kept) {
        return said == null || said.equals(kept);
    }
}
