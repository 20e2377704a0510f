package dev.fairlead.http.cache;

import dev.fairlead.http.compress.RouteCompression;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.upstream.Upstream;
import org.jspecify.annotations.Nullable;

/// Where a request belongs that came to a route that caches: its key, and the way to an endpoint. `asked` is what the
/// request says of caching; `route` the route's name.
record Visit(
        String key, RouteCache terms, CacheControl asked, String route, Upstream upstream, Destination destination) {
    /// The request as the cache sends it: for all of the response, for whether what is `stale` still holds (RFC 9111
    /// §4.3.1), or for what lies between the parts that are kept of it (§3.4).
    RequestHead question(Exchange original, @Nullable Entry stale) {
        RequestHead head = original.request().copyForEndpoint();
        Fields fields = head.fields();
        fields.removeAll(FieldName.RANGE);
        fields.removeAll(FieldName.IF_RANGE);
        fields.removeAll(FieldName.IF_NONE_MATCH);
        fields.removeAll(FieldName.IF_MODIFIED_SINCE);
        PartialBody parts = stale == null ? null : stale.parts();
        String etag = stale == null ? null : stale.etag();
        if (parts != null && etag != null) {
            fields.add(FieldName.RANGE, "bytes=" + parts.missingFrom() + "-" + (parts.missingTo() - 1));
            fields.add(FieldName.IF_RANGE, etag);
            return head;
        }
        if (etag != null) {
            fields.add(FieldName.IF_NONE_MATCH, etag);
        }
        String modified = stale == null ? null : stale.lastModified();
        if (modified != null) {
            fields.add(FieldName.IF_MODIFIED_SINCE, modified);
        }
        return head;
    }

    /// Whether the response to that request may be kept.
    boolean mayStore(Fields request, ResponseHead head) {
        return terms.isWanted(head.status())
                && Freshness.mayStore(request, asked, head, terms.spec())
                && !isSomebodys(head)
                && head.contentLength() <= terms.spec().objectMax();
    }

    /// Whether parts of a response with this head, which may be stored, may be kept without the rest. What the route
    /// codes another way has other bytes; the others are told apart by nothing but a strong tag.
    boolean mayKeepParts(ResponseHead whole) {
        String etag = whole.fields().valueText(FieldName.ETAG);
        RouteCompression compression = destination.compression();
        return whole.status() == 200
                && !whole.isBodiless()
                && whole.contentLength() > 0
                && etag != null
                && etag.startsWith("\"")
                && (compression == null || compression.leaves(whole));
    }

    /// Our own cookie says which endpoint, or which share of a split, one client belongs to.
    private boolean isSomebodys(ResponseHead head) {
        boolean mayBeOurs = upstream.spec().sticky() != null || destination.split() != null;
        return mayBeOurs && head.fields().find(FieldName.SET_COOKIE) >= 0;
    }
}
