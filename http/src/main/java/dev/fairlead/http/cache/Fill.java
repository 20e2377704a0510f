package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Loop;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One request of the cache's own to an endpoint, in the name of everybody who waits for its response: they get it as
/// it comes, on their own loops and at their own pace, and it is kept if it may be. The first of them may be given
/// what may not; the others then ask for themselves.
///
/// While it is meant to be kept it comes as fast as the endpoint sends: it is bounded by the route's `object-max` and
/// by the cache's memory. Beyond these it comes no faster than the slowest takes it, and is forgotten behind him. Its
/// loop only, but for what says otherwise.
final class Fill implements Downstream {
    /// How far the fastest may be before the slowest once a body is not kept: some writes.
    private static final long WINDOW = 256 << 10;

    private enum State {
        ASKING,
        KEEPING,
        /// Too large: only for those who are here.
        STREAMING,
        /// For the first one only, piece by piece.
        PASSING,
        /// Everybody has been served otherwise: what comes is dropped.
        DROPPING,
        OVER
    }

    private final CacheLane lane;
    private final Visit visit;
    private final Exchange exchange;
    private final boolean isBackground;
    private final Served served = new Served();
    private final Keeping keeping;
    private final Filling filling;
    private final GrowingBody body;

    private State state = State.ASKING;
    private @Nullable Upload upload;
    private @Nullable Entry entry;
    /// In whose name it asks, who joins before all others; nobody else is given what may be his alone.
    private @Nullable Serving first;
    private boolean isLed;
    private String told = "";
    private boolean isPaused;

    /// `stale`: what is kept and is asked for again, whose body is held for this; null when there is nothing.
    Fill(CacheLane lane, Exchange original, Visit visit, @Nullable Entry stale, boolean isBackground) {
        this.lane = lane;
        this.visit = visit;
        this.isBackground = isBackground;
        this.isLed = isBackground;
        this.filling = new Filling(new Claim(lane.cache().underway().forFills()), stale);
        this.body = filling.body();
        this.exchange = new Exchange(
                original.client(), this, visit.question(original, stale), original.identity(), System.nanoTime());
        this.keeping = new Keeping(lane.cache(), visit, this, exchange.request().fields());
        exchange.routed(visit.route(), visit.upstream().name());
    }

    Exchange exchange() {
        return exchange;
    }

    Loop loop() {
        return lane.loop();
    }

    void begin() {
        Upload asking = lane.forwarder().begin(exchange, visit.upstream(), visit.destination());
        upload = asking;
        if (state != State.OVER) {
            asking.onEnd(null);
            asking.onReadComplete();
        }
    }

    /// It does not begin: another is under way.
    void letGo() {
        filling.letGo();
    }

    // ---- who waits ----

    /// Any loop.
    void join(Serving serving) {
        serving.awaits(this);
        Served.on(loop(), () -> add(serving));
    }

    private void add(Serving serving) {
        Entry known = entry;
        switch (state) {
            case ASKING -> {
                first = isLed ? first : serving;
                isLed = true;
                served.add(serving);
            }
            case KEEPING -> {
                if (known != null
                        && known.vary().matches(serving.exchange().request().fields())) {
                    served.add(serving);
                    String text = told + "; collapsed";
                    Served.on(serving, () -> serving.start(known, Outcome.COLLAPSED, text));
                } else {
                    Served.on(serving, () -> serving.goAlone("vary-miss"));
                }
            }
            case STREAMING, PASSING -> Served.on(serving, () -> serving.goAlone("miss"));
            case DROPPING, OVER -> Served.on(serving, serving::again);
        }
    }

    /// Any loop. It has all it wants, or its client is gone.
    void leave(Serving serving, boolean isGone) {
        Served.on(loop(), () -> remove(serving, isGone));
    }

    private void remove(Serving serving, boolean isGone) {
        served.remove(serving);
        boolean isWanted =
                !served.isEmpty() || isBackground && state != State.STREAMING || !isGone && state == State.KEEPING;
        if (state == State.ASKING && serving.equals(first)) {
            first = null;
        }
        if (isWanted || state == State.OVER || state == State.DROPPING) {
            onTaken();
            return;
        }
        // Nobody is left. A body that is nearly there is worth more than the connection it costs to give it up.
        if (state != State.KEEPING || body.size() == 0) {
            giveUp(Fault.DOWNSTREAM_GONE);
        }
    }

    /// Nobody reads it, and it is not kept; or it is not to be read.
    private void giveUp(Fault why) {
        Upload asking = upload;
        if (asking != null) {
            over();
            exchange.fault(why, "");
            asking.onAborted();
        }
    }

    /// Any loop: somebody has taken more.
    void onTaken() {
        if (state == State.STREAMING) {
            Served.on(loop(), this::resume);
        }
    }

    private void resume() {
        body.forget(served.slowest(body.count()));
        if (isPaused && isWritable()) {
            onWritable();
        }
    }

    /// The first one takes bytes again.
    void onWritable() {
        isPaused = false;
        if (upload != null) {
            upload.onWritable();
        }
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead head) {
        if (state != State.ASKING) {
            return;
        }
        if (head.isInformational()) {
            ResponseHead early = head.copy();
            served.each(serving -> serving.inform(early));
            return;
        }
        long now = CacheLane.nowSeconds();
        Fault fault = exchange.fault();
        Entry known = filling.stale();
        PartialBody parts = known == null ? null : known.parts();
        String why = known == null ? "uri-miss" : parts == null ? "stale" : "partial";
        told = "fwd=" + why + "; fwd-status=" + head.status();
        boolean isError = fault != null || head.status() >= 500 && head.status() <= 504;
        if (isError && known != null && parts == null && known.freshness().isUsableOnError(now)) {
            settle(known, Outcome.STALE, told + "; detail=stale-if-error");
        } else if (fault != null) {
            drop();
            served.each(serving -> serving.refuse(fault, exchange.details(), why));
        } else if (known != null && parts != null && ContentRange.isOfParts(head.status())) {
            complete(known, parts, head, now);
        } else if (head.status() == 304 && known != null) {
            settle(keeping.renewed(known, head, now), Outcome.REVALIDATED, told);
        } else {
            decide(head, known, now);
        }
    }

    /// Everybody whom this is for gets it; it is whole.
    private void settle(Entry with, Outcome outcome, String text) {
        drop();
        served.start(with, first, exchange, outcome, outcome, text);
    }

    private void decide(ResponseHead head, @Nullable Entry known, long now) {
        if (head.status() < 500) {
            // What is there now is another.
            keeping.forget(known);
        }
        Entry begun = keeping.begun(head, body, now);
        if (begun == null) {
            pass(head);
        } else {
            begin(begun);
        }
    }

    private void begin(Entry begun) {
        entry = begun;
        state = State.KEEPING;
        told += "; stored";
        served.start(begun, first, exchange, Outcome.MISS, Outcome.COLLAPSED, told);
    }

    /// What was missing between the parts that are kept comes, or they are of no use any more.
    private void complete(Entry known, PartialBody parts, ResponseHead head, long now) {
        Entry all = keeping.completed(known, parts, head, body, now);
        if (all != null && filling.tryContinue(parts)) {
            begin(all);
            return;
        }
        keeping.forget(known);
        drop();
        release(served.list(), "partial");
    }

    private void unkept() {
        lane.cache().underway().pass(visit.key());
        hide();
    }

    /// Nobody finds it any more.
    private void hide() {
        lane.cache().underway().over(visit.key(), this);
    }

    /// They ask for themselves.
    private void release(List<Serving> those, String why) {
        those.forEach(served::remove);
        new Rush(those, why).onOneLess();
    }

    /// It is not kept: the first gets it, and the others ask for themselves.
    private void pass(ResponseHead head) {
        unkept();
        Serving leader = first;
        release(served.without(leader), "miss");
        if (leader == null) {
            // Asked for by nobody who is here.
            state = State.DROPPING;
            return;
        }
        leader.exchange().tookFrom(exchange);
        state = leader.pass(head, told) ? State.PASSING : State.DROPPING;
    }

    @Override
    public void body(ByteBuf data) {
        switch (state) {
            case PASSING -> downstream().body(data);
            case KEEPING, STREAMING -> keep(Filling.piece(data));
            case ASKING, DROPPING, OVER -> data.release();
        }
    }

    private void keep(byte[] piece) {
        if (!filling.fits(piece.length)) {
            keeping.forget(filling.stale());
            giveUp(Fault.RESPONSE_MALFORMED);
            served.each(Serving::advance);
            return;
        }
        if (state == State.KEEPING
                && !filling.tryMore(piece.length, visit.terms().spec().objectMax())) {
            state = State.STREAMING;
            unkept();
            if (served.isEmpty()) {
                giveUp(Fault.DOWNSTREAM_GONE);
                return;
            }
        }
        body.append(piece);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        switch (state) {
            case PASSING -> {
                Downstream to = downstream();
                over();
                to.end(trailers);
                // Whoever calls this flushes a fill that is over.
                to.flush();
            }
            case KEEPING, STREAMING -> {
                if (!filling.tryEnd()) {
                    keeping.forget(filling.stale());
                } else if (entry != null && state == State.KEEPING) {
                    keeping.whole(entry);
                }
                over();
                served.each(Serving::advance);
            }
            case ASKING, DROPPING, OVER -> over();
        }
    }

    @Override
    public void cut() {
        State was = state;
        if (was == State.PASSING) {
            Exchange leader = leader();
            over();
            Fault fault = exchange.fault();
            leader.fault(fault == null ? Fault.CONNECTION_TERMINATED : fault, exchange.details());
            leader.downstream().cut();
            return;
        }
        body.end(Body.State.BROKEN);
        Entry begun = entry;
        if (was == State.KEEPING && begun != null) {
            keeping.broken(begun);
        }
        over();
        if (was == State.KEEPING || was == State.STREAMING) {
            served.each(Serving::advance);
        }
    }

    /// Of the only one to whom it is passed on.
    private Exchange leader() {
        return Objects.requireNonNull(served.first()).exchange();
    }

    private Downstream downstream() {
        return leader().downstream();
    }

    private void drop() {
        hide();
        state = State.DROPPING;
    }

    private void over() {
        hide();
        filling.letGo();
        state = State.OVER;
    }

    @Override
    public void flush() {
        switch (state) {
            case PASSING -> downstream().flush();
            case KEEPING, STREAMING -> served.each(Serving::advance);
            case ASKING, DROPPING, OVER -> {}
        }
    }

    @Override
    public boolean isWritable() {
        boolean isWritable = switch (state) {
            case PASSING -> downstream().isWritable();
            case STREAMING -> body.size(served.slowest(body.count())) < WINDOW;
            case ASKING, KEEPING, DROPPING, OVER -> true;
        };
        isPaused |= !isWritable;
        return isWritable;
    }

    @Override
    public void tunnel(ResponseHead head, TunnelSide endpoint, Runnable onOver) {
        throw new AssertionError("what asks for an upgrade is not asked for here");
    }

    /// There is no body.
    @Override
    public void wantBody(boolean want) {}
}
