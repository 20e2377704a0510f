package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.util.ArrayList;
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
    private final long askedNanos = System.nanoTime();
    private final Served served = new Served();
    private final Body body = new Body();

    private State state = State.ASKING;
    private @Nullable Upload upload;
    private @Nullable Entry stale;
    private @Nullable Entry entry;
    /// In whose name it asks, who joins before all others; nobody else is given what may be his alone.
    private @Nullable Serving first;
    private boolean isLed;
    private String told = "";
    private long claimed;
    private boolean isPaused;

    /// `stale`: what is kept and is asked for again, whose body is held for this; null when there is nothing.
    Fill(CacheLane lane, Exchange original, Visit visit, @Nullable Entry stale, boolean isBackground) {
        this.lane = lane;
        this.visit = visit;
        this.stale = stale;
        this.isBackground = isBackground;
        this.isLed = isBackground;
        this.exchange = new Exchange(
                original.client(), this, visit.question(original, stale), original.identity(), System.nanoTime());
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

    /// It is over, or does not begin: another is under way.
    void letGo() {
        Entry held = stale;
        stale = null;
        if (held != null) {
            held.body().let();
        }
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
            giveUp();
        }
    }

    /// Nobody reads it, and it is not kept.
    private void giveUp() {
        Upload asking = upload;
        if (asking != null) {
            over();
            exchange.fault(Fault.DOWNSTREAM_GONE, "");
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
        Entry known = stale;
        boolean isError = fault != null || head.status() >= 500 && head.status() <= 504;
        if (isError && known != null && known.freshness().isUsableOnError(now)) {
            settle(known, Outcome.STALE, "fwd=stale; fwd-status=" + head.status() + "; detail=stale-if-error");
        } else if (fault != null) {
            drop();
            served.each(serving -> serving.refuse(fault, exchange.details()));
        } else if (head.status() == 304 && known != null) {
            renew(known, head, now);
        } else {
            told = (known == null ? "fwd=uri-miss" : "fwd=stale") + "; fwd-status=" + head.status();
            decide(head, known, now);
        }
    }

    /// Everybody whom this is for gets it; it is whole.
    private void settle(Entry with, Outcome outcome, String text) {
        drop();
        served.start(with, first, exchange, outcome, outcome, text);
    }

    private void renew(Entry known, ResponseHead head, long now) {
        Vary vary = Vary.of(known.head().fields(), exchange.request().fields());
        Entry renewed = known.freshened(head, known.freshness(), vary == null ? known.vary() : vary);
        Freshness freshness = Freshness.of(renewed.head(), visit.terms().spec(), delaySeconds(), now);
        renewed = renewed.with(freshness);
        lane.cache().keep(visit.key(), this, renewed);
        settle(renewed, Outcome.REVALIDATED, "fwd=stale; fwd-status=304");
    }

    private void decide(ResponseHead head, @Nullable Entry known, long now) {
        Vary vary = Vary.of(head.fields(), exchange.request().fields());
        boolean mayStore = visit.mayStore(exchange.request().fields(), head);
        if (known != null && head.status() < 500) {
            // What is there now is another.
            lane.cache().remove(visit.key(), known);
        }
        if (!mayStore || vary == null) {
            pass(head);
            return;
        }
        Entry begun = Entry.of(head, body, Freshness.of(head, visit.terms().spec(), delaySeconds(), now), vary);
        entry = begun;
        state = State.KEEPING;
        told += "; stored";
        served.start(begun, first, exchange, Outcome.MISS, Outcome.COLLAPSED, told);
    }

    private long delaySeconds() {
        return (System.nanoTime() - askedNanos) / 1_000_000_000L;
    }

    /// It is not kept: the first gets it, and the others ask for themselves.
    private void pass(ResponseHead head) {
        lane.cache().pass(visit.key());
        lane.cache().over(visit.key(), this);
        Serving leader = first;
        List<Serving> others = new ArrayList<>(served.list());
        others.remove(leader);
        others.forEach(served::remove);
        new Rush(others, "miss").onOneLess();
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
            case KEEPING, STREAMING -> {
                byte[] piece = new byte[data.readableBytes()];
                data.readBytes(piece);
                data.release();
                keep(piece);
            }
            case ASKING, DROPPING, OVER -> data.release();
        }
    }

    private void keep(byte[] piece) {
        if (state == State.KEEPING) {
            boolean hasRoom = body.size() + piece.length <= visit.terms().spec().objectMax()
                    && lane.cache().tryFilling(piece.length);
            if (hasRoom) {
                claimed += piece.length;
            } else {
                state = State.STREAMING;
                lane.cache().pass(visit.key());
                lane.cache().over(visit.key(), this);
                if (served.isEmpty()) {
                    giveUp();
                    return;
                }
            }
        }
        body.append(piece);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        Entry begun = entry;
        switch (state) {
            case PASSING -> {
                Downstream to = downstream();
                over();
                to.end(trailers);
                // Whoever calls this flushes a fill that is over.
                to.flush();
            }
            case KEEPING, STREAMING -> {
                body.end(Body.State.WHOLE);
                if (begun != null && state == State.KEEPING) {
                    keep(begun);
                }
                over();
                served.each(Serving::advance);
            }
            case ASKING, DROPPING, OVER -> over();
        }
    }

    /// What is here has a body of its own from now on, which those who are still given this one do not need.
    private void keep(Entry whole) {
        Entry kept = whole.compact(lane.cache().pages());
        if (kept != null) {
            lane.cache().keep(visit.key(), this, kept);
            kept.body().let();
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
        over();
        if (was == State.KEEPING || was == State.STREAMING) {
            served.each(Serving::advance);
        }
    }

    /// Of the only one to whom it is passed on.
    private Exchange leader() {
        return Objects.requireNonNull(served.first(), "it is passed on to nobody")
                .exchange();
    }

    private Downstream downstream() {
        return leader().downstream();
    }

    private void drop() {
        lane.cache().over(visit.key(), this);
        state = State.DROPPING;
    }

    private void over() {
        lane.cache().over(visit.key(), this);
        lane.cache().filled(claimed);
        claimed = 0;
        letGo();
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
    public void tunnel(ResponseHead head, DuplexChannel upstream, @Nullable ByteBuf rest, Runnable onOver) {
        throw new AssertionError("what asks for an upgrade is not asked for here");
    }

    /// There is no body.
    @Override
    public void wantBody(boolean want) {}
}
