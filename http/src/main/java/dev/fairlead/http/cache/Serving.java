package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.ErrorPage;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Digests;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One client's exchange on a route that caches, from where it waits for a response to where it has it: from what is
/// kept, or from a [Fill] while that comes, as fast as the client takes it; or from the endpoint by itself. The
/// exchange's loop only.
final class Serving implements Upload {
    private final CacheLane lane;
    private final Exchange exchange;
    private final Downstream downstream;
    private final Visit visit;

    private @Nullable Fill fill;
    private @Nullable Upload alone;
    private @Nullable Rush rush;
    private @Nullable Body body;
    private boolean passing;
    private boolean over;
    private boolean requestWhole;
    private int next;
    /// Read by the loop of the fill: how far the slowest has come.
    private volatile int taken;
    /// The part of the body that is sent.
    private long from;
    private long to = Long.MAX_VALUE;
    private long at;
    /// Bytes of what was kept before, or came for another.
    private long sentBytes;

    private boolean isOwn;

    Serving(CacheLane lane, Exchange exchange, Visit visit) {
        this.lane = lane;
        this.exchange = exchange;
        this.downstream = exchange.downstream();
        this.visit = visit;
    }

    CacheLane lane() {
        return lane;
    }

    Exchange exchange() {
        return exchange;
    }

    Visit visit() {
        return visit;
    }

    int taken() {
        return taken;
    }

    /// It waits for this.
    void awaits(Fill awaited) {
        fill = awaited;
    }

    // ---- what it waited for ----

    /// This is the response, whose body is held for this. `told` is what `Cache-Status` says besides the name.
    void start(Entry entry, Outcome outcome, String told) {
        if (over) {
            entry.body().let();
            return;
        }
        body = entry.body();
        lane.count(exchange, outcome);
        isOwn = outcome == Outcome.MISS;
        ResponseHead head = lane.head(exchange, entry, outcome, told);
        ErrorPage page = exchange.pageInstead(head.status());
        if (page != null) {
            finish();
            page.instead(exchange, head).send();
            return;
        }
        Body all = entry.body();
        boolean isWhole = all.state() == Body.State.WHOLE;
        Conditions.Answer answer = Conditions.answer(exchange.request(), entry);
        switch (answer.kind()) {
            case WHOLE -> {
                if (isWhole && head.contentLength() == ResponseHead.UNKNOWN && !head.isBodiless()) {
                    head.contentLength(all.size());
                    head.fields().add(FieldName.CONTENT_LENGTH, Long.toString(all.size()));
                }
            }
            case NOT_MODIFIED -> {
                head.fields().removeAll(FieldName.CONTENT_LENGTH);
                bodiless(head, 304);
            }
            case UNSATISFIABLE -> {
                head.fields().removeAll(FieldName.CONTENT_LENGTH);
                head.fields().add(FieldName.CONTENT_LENGTH, "0");
                head.fields().add(FieldName.CONTENT_RANGE, "bytes */" + all.size());
                bodiless(head, 416);
            }
            case MISSING -> throw new AssertionError("what is missing is asked for");
            case PART -> {
                from = answer.from();
                to = answer.to();
                part(head, all.size());
            }
        }
        if (exchange.request().method() == Method.HEAD) {
            head.bodiless(true);
        }
        boolean isBodiless = head.isBodiless();
        downstream.respond(head);
        if (isBodiless) {
            end();
        } else {
            advance();
        }
    }

    /// 103 and its kin, of the response that it waits for (RFC 8297).
    void inform(ResponseHead early) {
        if (!over) {
            downstream.respond(early);
            downstream.flush();
        }
    }

    private static void bodiless(ResponseHead head, int status) {
        Digests.dropOfContent(head.fields());
        head.status(status, 0, 0);
        head.contentLength(0);
        head.bodiless(true);
    }

    private void part(ResponseHead head, long size) {
        Fields fields = head.fields();
        Digests.dropOfContent(fields);
        fields.removeAll(FieldName.CONTENT_LENGTH);
        fields.add(FieldName.CONTENT_LENGTH, Long.toString(to - from));
        fields.add(FieldName.CONTENT_RANGE, "bytes " + from + "-" + (to - 1) + "/" + size);
        head.status(206, 0, 0);
        head.contentLength(to - from);
    }

    /// More of the body is there, or it is over.
    void advance() {
        Body source = body;
        if (over || source == null) {
            return;
        }
        // In this order: what is seen to be whole has no piece that is not seen.
        Body.State state = source.state();
        int count = source.count();
        while (next < count && at < to && downstream.isWritable()) {
            send(source, next);
            next++;
        }
        taken = next;
        if (state == Body.State.BROKEN) {
            fail();
        } else if (at >= to || next == count && state == Body.State.WHOLE) {
            end();
        } else {
            downstream.flush();
            if (fill != null) {
                fill.onTaken();
            }
            goOn(count);
        }
    }

    /// Where all of it was taken at once, nobody is told that there is room again before the exchange knows this
    /// serving. Others have their turn first.
    private void goOn(int count) {
        if (!over && next < count && downstream.isWritable()) {
            lane.loop().eventLoop().execute(this::advance);
        }
    }

    private void send(Body source, int piece) {
        int length = source.length(piece);
        long start = Math.max(from, at);
        long end = Math.min(to, at + length);
        if (start < end) {
            sentBytes += end - start;
            downstream.body(source.lend(piece, (int) (start - at), (int) (end - at)));
        }
        at += length;
    }

    private void end() {
        finish();
        downstream.end(null);
        downstream.flush();
    }

    private void fail() {
        Fill broken = fill;
        finish();
        Exchange asked = broken == null ? null : broken.exchange();
        Fault fault = asked == null ? null : asked.fault();
        exchange.fault(fault == null ? Fault.CONNECTION_TERMINATED : fault, asked == null ? "" : asked.details());
        downstream.cut();
    }

    void finish() {
        over = true;
        countSent();
        letGo();
        Fill from = fill;
        if (from != null) {
            from.leave(this, false);
        }
    }

    private void letGo() {
        Body held = body;
        body = null;
        if (held != null) {
            held.let();
        }
    }

    private void countSent() {
        lane.sent(exchange, isOwn ? 0 : sentBytes);
        sentBytes = 0;
    }

    /// There is no response, for this reason.
    void refuse(Fault fault, String details, String why) {
        if (!over) {
            finish();
            lane.count(exchange, Outcome.PASS);
            exchange.filter(new Passing(exchange.filter(), lane, why, () -> {}));
            exchange.fault(fault, details);
            FaultResponses.send(exchange, fault, details);
        }
    }

    /// The response that is awaited is for others: asks for one of its own, and `after` it others do.
    void goAlone(String why, Rush after) {
        rush = after;
        if (over) {
            answered();
        } else {
            goAlone(why);
        }
    }

    /// It has a response, or its client is gone: who waits for that goes on.
    private void answered() {
        Rush others = rush;
        rush = null;
        if (others != null) {
            others.onOneLess();
        }
    }

    void goAlone(String why) {
        if (!over) {
            fill = null;
            Upload own = lane.alone(exchange, visit, why, this::answered);
            alone = own;
            if (requestWhole) {
                own.onEnd(null);
            }
            own.onReadComplete();
        }
    }

    /// The disk was looked at; this is what it has, held for this.
    void loaded(Entry @Nullable [] variants) {
        Entry known = over
                ? null
                : Cache.held(Cache.variant(variants, exchange.request().fields()));
        if (variants != null) {
            Cache.let(variants);
        }
        if (!over) {
            lane.resume(this, known);
        }
    }

    /// What was awaited is over: looks again.
    void again() {
        if (!over) {
            fill = null;
            lane.again(this);
        }
    }

    // ---- passed on without being kept ----

    /// False when a page of ours is shown instead: then no more of it is wanted.
    boolean pass(ResponseHead head, String told) {
        lane.count(exchange, Outcome.PASS);
        lane.tell(exchange, head.fields(), told);
        ErrorPage page = exchange.pageInstead(head.status());
        if (page != null) {
            over = true;
            page.instead(exchange, head).send();
            return false;
        }
        passing = true;
        downstream.respond(head);
        return true;
    }

    // ---- the client ----

    @Override
    public void onBody(ByteBuf data) {
        if (alone == null) {
            data.release();
        } else {
            alone.onBody(data);
        }
    }

    @Override
    public void onEnd(@Nullable Fields trailers) {
        requestWhole = true;
        if (alone != null) {
            alone.onEnd(trailers);
        }
    }

    @Override
    public void onReadComplete() {
        if (alone != null) {
            alone.onReadComplete();
        }
    }

    @Override
    public void onWritable() {
        if (alone != null) {
            alone.onWritable();
        } else if (passing && fill != null) {
            fill.onWritable();
        } else {
            advance();
        }
    }

    @Override
    public void onAborted() {
        over = true;
        countSent();
        letGo();
        answered();
        if (alone != null) {
            alone.onAborted();
        } else if (fill != null) {
            fill.leave(this, true);
        }
    }
}
