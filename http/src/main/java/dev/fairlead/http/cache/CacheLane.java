package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.forward.Forwarder;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.metrics.Counter;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Upstream;
import org.jspecify.annotations.Nullable;

/// What one loop does of a listener's requests on routes that cache: answers them from what is kept, lets them wait
/// for what is under way, or has the endpoint asked. That loop only.
public final class CacheLane {
    private final Loop loop;
    private final Cache cache;
    private final Forwarder forwarder;
    private final Counter[] outcomes;
    /// Of the response that is put together now.
    private final ResponseHead head = new ResponseHead();

    public CacheLane(Loop loop, Cache cache, Forwarder forwarder, String listener) {
        this.loop = loop;
        this.cache = cache;
        this.forwarder = forwarder;
        this.outcomes = cache.outcomes(listener);
    }

    static long nowSeconds() {
        return System.currentTimeMillis() / 1000;
    }

    Loop loop() {
        return loop;
    }

    Cache cache() {
        return cache;
    }

    Forwarder forwarder() {
        return forwarder;
    }

    /// Begins to answer. What takes the rest of the request; null when it is answered.
    public @Nullable Upload begin(
            Exchange exchange, String route, RouteCache terms, Upstream upstream, Destination destination) {
        RequestHead request = exchange.request();
        RouteCache.strip(request.fields());
        var visit = new Visit(
                terms.key(request, upstream.name()), terms, asked(request.fields()), route, upstream, destination);
        String bypass = terms.bypass(request);
        Method method = request.method();
        if (method != Method.GET && method != Method.HEAD || bypass != null) {
            if (!method.isSafe()) {
                exchange.filter(new Invalidation(exchange.filter(), cache, visit));
            }
            return forward(exchange, visit, bypass == null ? "method" : bypass);
        }
        Entry known = cache.find(visit.key(), request.fields());
        long now = nowSeconds();
        if (known != null && known.freshness().isUsable(visit.asked(), now)) {
            return hit(exchange, visit, known, Outcome.HIT);
        }
        if (visit.asked().isOnlyIfCached()) {
            // RFC 9111 §5.2.1.7.
            count(exchange, Outcome.PASS);
            var answer = new OwnResponse(exchange, 504);
            tell(exchange, answer.fields(), "fwd=request; detail=only-if-cached");
            answer.send();
            return null;
        }
        if (known != null && known.freshness().isUsableMeanwhile(visit.asked(), now)) {
            if (cache.fill(visit.key()) == null) {
                fill(new Fill(this, exchange, visit, known, true), visit);
            }
            return hit(exchange, visit, known, Outcome.STALE);
        }
        String alone = alone(request, visit, known);
        if (alone != null) {
            return forward(exchange, visit, alone);
        }
        var serving = new Serving(this, exchange, visit);
        ask(serving, known);
        return serving;
    }

    /// RFC 9111 §5.4: an old client says `Pragma: no-cache`.
    private static CacheControl asked(Fields request) {
        CacheControl asked = CacheControl.of(request, FieldName.CACHE_CONTROL);
        boolean isOld = asked.isEmpty() && request.find(FieldName.PRAGMA) >= 0;
        return isOld ? CacheControl.of(String.valueOf(request.valueText(FieldName.PRAGMA))) : asked;
    }

    private Upload hit(Exchange exchange, Visit visit, Entry known, Outcome outcome) {
        var serving = new Serving(this, exchange, visit);
        serving.start(known, outcome, "hit; ttl=" + known.freshness().left(nowSeconds()));
        return serving;
    }

    /// Why the request neither waits for others nor lets them wait; null when it does.
    private @Nullable String alone(RequestHead request, Visit visit, @Nullable Entry known) {
        if (request.method() == Method.HEAD || request.fields().find(FieldName.RANGE) >= 0 && known == null) {
            // Asking for all of it, to give a part, may take far too long.
            return "miss";
        }
        if (visit.asked().isNoStore()) {
            return "request";
        }
        return known == null && cache.isPassed(visit.key()) ? "miss" : null;
    }

    /// Asks the endpoint for what this one waits for, unless that is under way.
    private void ask(Serving serving, @Nullable Entry known) {
        var begun = new Fill(this, serving.exchange(), serving.visit(), known, false);
        Fill under = cache.fill(serving.visit().key(), begun);
        under.join(serving);
        if (under.equals(begun)) {
            begun.begin();
        }
    }

    private void fill(Fill background, Visit visit) {
        if (cache.fill(visit.key(), background).equals(background)) {
            background.begin();
        }
    }

    /// The fill that it waited for was over before it came.
    void again(Serving serving) {
        Visit visit = serving.visit();
        Entry known = cache.find(visit.key(), serving.exchange().request().fields());
        if (known != null && known.freshness().isUsable(visit.asked(), nowSeconds())) {
            serving.start(known, Outcome.COLLAPSED, "hit; collapsed");
        } else {
            serving.goAlone("miss");
        }
    }

    /// Past the cache.
    Upload forward(Exchange exchange, Visit visit, String why) {
        count(exchange, Outcome.PASS);
        exchange.filter(new Passing(exchange.filter(), this, why));
        return forwarder.begin(exchange, visit.upstream(), visit.destination());
    }

    void count(Exchange exchange, Outcome outcome) {
        outcomes[outcome.ordinal()].increment();
        exchange.cached(outcome.word());
    }

    /// The head of a response from what is kept. Valid until the next one.
    ResponseHead head(Exchange exchange, Entry entry, Outcome outcome, String told) {
        head.become(entry.head());
        long age = entry.freshness().age(nowSeconds());
        // RFC 9111 §5.1: whoever has not asked the origin for it says how old it is.
        if (age > 0 || outcome == Outcome.HIT || outcome == Outcome.STALE) {
            head.fields().add(FieldName.AGE, Long.toString(age));
        }
        tell(exchange, head.fields(), told);
        return head;
    }

    /// RFC 9211: behind what caches before us have said.
    void tell(Exchange exchange, Fields fields, String told) {
        fields.add(FieldName.CACHE_STATUS, exchange.identity().token() + "; " + told);
    }
}
