package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.exchange.ResponseFilter;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What one loop does of a listener's requests on routes that cache: answers them from what is kept, lets them wait
/// for what is under way, or has the endpoint asked. That loop only.
public final class CacheLane {
    private final Loop loop;
    private final Cache cache;
    private final Forwarder forwarder;
    private final String listener;
    private final Map<String, RouteCounters> counters = new HashMap<>();
    /// Of the response that is put together now.
    private final ResponseHead head = new ResponseHead();

    public CacheLane(Loop loop, Cache cache, Forwarder forwarder, String listener) {
        this.loop = loop;
        this.cache = cache;
        this.forwarder = forwarder;
        this.listener = listener;
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
        String key = terms.key(request, upstream.name());
        var visit = new Visit(key, terms, asked(request.fields()), route, upstream, destination);
        Plan past = Plan.past(request, terms);
        if (past != null) {
            return forward(exchange, visit, past.why());
        }
        Entry known = cache.find(key, request.fields());
        if (known == null && cache.isOnDisk(key)) {
            var serving = new Serving(this, exchange, visit);
            cache.load(key).whenComplete((variants, _) -> {
                // Before anybody else lets go of them.
                Entry[] held = variants != null && Cache.tryHold(variants) ? variants : null;
                Served.on(loop, () -> serving.loaded(held));
            });
            return serving;
        }
        Plan plan = plan(exchange, visit, known);
        return switch (plan.act()) {
            case HIT -> hit(exchange, visit, Objects.requireNonNull(known), Outcome.HIT);
            case STALE -> meanwhile(exchange, visit, Objects.requireNonNull(known));
            case REFUSE -> {
                letGo(known);
                yield refuse(exchange);
            }
            case PASS -> {
                letGo(known);
                yield alone(exchange, visit, plan.why(), () -> {});
            }
            case ASK -> {
                var serving = new Serving(this, exchange, visit);
                ask(serving, known);
                yield serving;
            }
        };
    }

    private Plan plan(Exchange exchange, Visit visit, @Nullable Entry known) {
        boolean isPassed = known == null && cache.underway().isPassed(visit.key());
        return Plan.of(exchange.request(), visit.asked(), known, isPassed, nowSeconds());
    }

    /// The same, of one that has waited for the disk.
    void resume(Serving serving, @Nullable Entry known) {
        Exchange exchange = serving.exchange();
        Visit visit = serving.visit();
        Plan plan = plan(exchange, visit, known);
        switch (plan.act()) {
            case HIT -> serving.start(Objects.requireNonNull(known), Outcome.HIT, hit(known));
            case STALE -> {
                Entry stale = Objects.requireNonNull(known);
                renew(exchange, visit, stale);
                serving.start(stale, Outcome.STALE, hit(stale));
            }
            case REFUSE -> {
                letGo(known);
                serving.finish();
                refuse(exchange);
            }
            case PASS -> {
                letGo(known);
                serving.goAlone(plan.why());
            }
            case ASK -> ask(serving, known);
        }
    }

    private static void letGo(@Nullable Entry known) {
        if (known != null) {
            known.body().let();
        }
    }

    private Upload meanwhile(Exchange exchange, Visit visit, Entry known) {
        renew(exchange, visit, known);
        return hit(exchange, visit, known, Outcome.STALE);
    }

    private @Nullable Upload refuse(Exchange exchange) {
        count(exchange, Outcome.PASS);
        var answer = new OwnResponse(exchange, 504);
        tell(exchange, answer.fields(), "fwd=request; detail=only-if-cached");
        answer.send();
        return null;
    }

    /// RFC 9111 §5.4: an old client says `Pragma: no-cache`.
    static CacheControl asked(Fields request) {
        CacheControl asked = CacheControl.of(request, FieldName.CACHE_CONTROL);
        boolean isOld = asked.isEmpty() && request.find(FieldName.PRAGMA) >= 0;
        return isOld ? CacheControl.of(String.valueOf(request.valueText(FieldName.PRAGMA))) : asked;
    }

    private Upload hit(Exchange exchange, Visit visit, Entry known, Outcome outcome) {
        var serving = new Serving(this, exchange, visit);
        serving.start(known, outcome, hit(known));
        return serving;
    }

    private static String hit(Entry known) {
        return "hit; ttl=" + known.freshness().left(nowSeconds());
    }

    /// Asks the endpoint for what this one waits for, unless that is under way.
    private void ask(Serving serving, @Nullable Entry known) {
        var begun = new Fill(this, serving.exchange(), serving.visit(), known, false);
        Fill under = cache.underway().fill(serving.visit().key(), begun);
        under.join(serving);
        if (under.equals(begun)) {
            begun.begin();
        } else {
            begun.letGo();
        }
    }

    /// Asks for what is stale, for nobody, unless that is under way.
    private void renew(Exchange exchange, Visit visit, Entry known) {
        if (cache.underway().fill(visit.key()) == null) {
            known.body().hold();
            var background = new Fill(this, exchange, visit, known, true);
            if (cache.underway().fill(visit.key(), background).equals(background)) {
                background.begin();
            } else {
                background.letGo();
            }
        }
    }

    /// The fill that it waited for was over before it came.
    void again(Serving serving) {
        Visit visit = serving.visit();
        Entry known = cache.find(visit.key(), serving.exchange().request().fields());
        if (known != null && plan(serving.exchange(), visit, known).act() == Plan.Act.HIT) {
            serving.start(known, Outcome.COLLAPSED, "hit; collapsed");
        } else {
            letGo(known);
            serving.goAlone("miss");
        }
    }

    /// Asks the endpoint for this one, and keeps what part of a body it asks for; `onAnswered` is run when its response
    /// begins.
    Upload alone(Exchange exchange, Visit visit, String why, Runnable onAnswered) {
        if (!Excerpt.isOf(exchange.request(), visit)) {
            var told = new Passing(exchange.filter(), this, why, onAnswered);
            boolean isHead = exchange.request().method() == Method.HEAD;
            return forward(exchange, visit, isHead ? new HeadUpdate(told, cache, visit) : told);
        }
        var excerpt = new Excerpt(this, exchange, visit, why, onAnswered);
        exchange.downstream(excerpt);
        return excerpt.of(forwarder.begin(exchange, visit.upstream(), visit.destination()));
    }

    /// Past the cache.
    private Upload forward(Exchange exchange, Visit visit, String why) {
        return forward(exchange, visit, new Passing(exchange.filter(), this, why, () -> {}));
    }

    private Upload forward(Exchange exchange, Visit visit, ResponseFilter filter) {
        count(exchange, Outcome.PASS);
        exchange.filter(filter);
        return forwarder.begin(exchange, visit.upstream(), visit.destination());
    }

    private record RouteCounters(Counter[] outcomes, Counter sentBytes) {}

    private RouteCounters counters(Exchange exchange) {
        return counters.computeIfAbsent(
                exchange.route(),
                route -> new RouteCounters(cache.outcomes(listener, route), cache.sentBytes(listener, route)));
    }

    void count(Exchange exchange, Outcome outcome) {
        counters(exchange).outcomes[outcome.ordinal()].increment();
        cache.count(outcome);
        exchange.cached(outcome.word());
    }

    /// So many bytes of its body have come from the cache.
    void sent(Exchange exchange, long bytes) {
        if (bytes > 0) {
            counters(exchange).sentBytes.add(bytes);
        }
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
