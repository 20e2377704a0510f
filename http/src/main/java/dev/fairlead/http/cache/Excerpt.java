package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Between;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The part of a body that one client asks for, on its way from the endpoint to him: it stands between them, and keeps
/// what passes if it may be put together with other parts (RFC 9111 §3.3, §3.4), or is all of it. What came before
/// either of them left is kept, too, and what comes while he is slow, run by run. The exchange's loop only.
final class Excerpt extends Between {
    /// While the client takes no more, so many bytes are kept rather than held in the heap until all has come.
    private static final int RUN = 256 << 10;

    // immutable
    private final CacheLane lane;
    private final Exchange exchange;
    private final Visit visit;
    private final String why;
    private final Runnable onAnswered;
    private final long askedNanos = System.nanoTime();
    private final Claim claim;

    // this loop only
    /// What is kept of the response, and where in it the rest belongs that is not kept yet; null: nothing is.
    private @Nullable Entry entry;
    private @Nullable ContentRange range;
    /// What came of the rest.
    private GrowingBody came = new GrowingBody();

    /// Asks from now on.
    Excerpt(CacheLane lane, Exchange exchange, Visit visit, String why, Runnable onAnswered) {
        super(exchange.downstream());
        this.lane = lane;
        this.exchange = exchange;
        this.visit = visit;
        this.why = why;
        this.onAnswered = onAnswered;
        this.claim = new Claim(lane.cache().underway().forExcerpts());
        lane.cache().underway().begin(visit.key(), this);
    }

    /// Whether a request that the endpoint is asked by itself is for a part.
    static boolean isOf(RequestHead request, Visit visit) {
        return request.method() == Method.GET
                && request.fields().find(FieldName.RANGE) >= 0
                && !visit.asked().isNoStore();
    }

    @Override
    public void respond(ResponseHead head) {
        if (head.isInformational()) {
            client.respond(head);
            return;
        }
        boolean isKept = begin(head);
        if (!isKept) {
            over();
        }
        lane.count(exchange, isKept ? Outcome.MISS : Outcome.PASS);
        lane.tell(exchange, head.fields(), "fwd=" + why + "; fwd-status=" + head.status() + (isKept ? "; stored" : ""));
        client.respond(head);
        onAnswered.run();
    }

    /// Whether what comes with this head is kept.
    private boolean begin(ResponseHead head) {
        Fields request = exchange.request().fields();
        ContentRange of = ContentRange.of(head);
        // RFC 9110 §15.3.7: to If-Range an endpoint need not say what the client knows already.
        boolean isTerse = request.find(FieldName.IF_RANGE) >= 0 && head.fields().find(FieldName.CONTENT_TYPE) < 0;
        if (of == null
                || isTerse
                || exchange.fault() != null
                || !lane.cache().underway().isHere(visit.key(), this)) {
            return false;
        }
        ResponseHead whole = of.whole(head);
        Vary vary = Vary.of(whole.fields(), request);
        if (vary == null || !visit.mayStore(request, whole) || !visit.mayKeepParts(whole)) {
            return false;
        }
        long delaySeconds = (System.nanoTime() - askedNanos) / 1_000_000_000L;
        Freshness freshness = Freshness.of(whole, visit.terms().spec(), delaySeconds, CacheLane.nowSeconds());
        range = of;
        entry = Entry.of(whole, Body.of(new byte[0]), freshness, vary);
        return true;
    }

    @Override
    public void body(ByteBuf data) {
        if (range != null) {
            take(data, range);
        }
        client.body(data);
        if (came.size() >= RUN && !client.isWritable()) {
            keep();
        }
    }

    private void take(ByteBuf data, ContentRange of) {
        int size = data.readableBytes();
        if (came.size() + size > of.to() - of.from()) {
            // It is not what its head says.
            over();
            return;
        }
        boolean isRoom = claim.tryMore(size);
        if (!isRoom) {
            keep();
            isRoom = claim.tryMore(size);
        }
        if (isRoom) {
            byte[] piece = new byte[size];
            data.getBytes(data.readerIndex(), piece);
            came.append(piece);
        } else {
            over();
        }
    }

    /// What has come so far.
    private void keep() {
        Entry of = entry;
        ContentRange at = range;
        if (of == null || at == null || came.size() == 0) {
            return;
        }
        came.end(Body.State.WHOLE);
        Cache cache = lane.cache();
        Body run = came.compact(cache.pages());
        if (run != null) {
            Entry part = of.part(at.size(), at.from(), run);
            cache.putParts(visit.key(), part, act -> cache.underway().ifHere(visit.key(), this, act));
            run.let();
        }
        range = new ContentRange(at.from() + came.size(), at.to(), at.size());
        letGo();
    }

    private void letGo() {
        came = new GrowingBody();
        claim.giveBack();
    }

    /// No more is kept.
    private void over() {
        lane.cache().underway().over(visit.key(), this);
        entry = null;
        range = null;
        letGo();
    }

    @Override
    public void end(@Nullable Fields trailers) {
        keep();
        over();
        client.end(trailers);
    }

    @Override
    public void cut() {
        keep();
        over();
        client.cut();
    }

    @Override
    public void onAborted() {
        keep();
        over();
        super.onAborted();
    }
}
