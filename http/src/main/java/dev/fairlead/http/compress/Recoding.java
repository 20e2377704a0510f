package dev.fairlead.http.compress;

import dev.fairlead.http.compress.Coder.Goal;
import dev.fairlead.http.compress.Coder.Step;
import dev.fairlead.http.exchange.Between;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Digests;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Stands before the endpoint of an exchange on a route that compresses, and so before the cache, if there is one: it
/// gives the body another coding if that is to be, and lets all else pass.
///
/// It holds one read of the endpoint at most, for it is not writable while anything waits, or a short body. The
/// exchange's loop only.
public final class Recoding extends Between {
    /// A body of which so much is to come is gathered: less than a coder takes of memory.
    static final int GATHERED_MAX = 64 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    // immutable
    private final CompressionLane lane;
    private final Exchange exchange;
    private final RouteCompression terms;

    // this loop only
    /// The one that the body is given, or that is taken away; null: it passes as it is.
    private @Nullable Coding coding;
    /// Taken when there is work: its state, a quarter of a MiB, is best used while it is in the processor's cache.
    private @Nullable Coder coder;
    /// While it takes a coding away.
    private @Nullable Decoded decoded;
    private final Queue<ByteBuf> waiting = new ArrayDeque<>(2);
    private @Nullable Fields trailers;
    /// What is there goes out whenever no more has come for now.
    private boolean isStream;
    /// The body is short, and waits until it is whole: then it is done in one go, by a coder that the last one has left
    /// in the processor's cache.
    private boolean isGathered;
    private boolean isUnflushed;
    private boolean isFull;
    private boolean flushes;
    private boolean ends;
    private boolean isWorking;
    private boolean isInTurn;
    private boolean isPaused;

    Recoding(CompressionLane lane, Exchange exchange, RouteCompression terms) {
        super(exchange.downstream());
        this.lane = lane;
        this.exchange = exchange;
        this.terms = terms;
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead head) {
        if (head.status() == 304) {
            CodedFields.notModified(exchange.request().fields(), head.fields());
        } else if (decodes(head)) {
            return;
        } else if (terms.isFor(head)) {
            CodedFields.vary(head.fields());
            Coding coding = terms.choose(exchange.request());
            measure(head);
            if (coding != null && (head.isBodiless() || terms.tryBegin(coding, isGathered))) {
                respond(head, coding);
                return;
            }
        }
        client.respond(head);
    }

    /// Whether it is one whose coding the client does not take. Then its head goes out when its first bytes are good.
    private boolean decodes(ResponseHead head) {
        Coding coding = terms.coded(head);
        if (coding == null) {
            return false;
        }
        CodedFields.vary(head.fields());
        if (!terms.isDecodedFor(exchange.request(), coding)) {
            return false;
        }
        if (head.isBodiless()) {
            client.respond(Decoded.head(head));
            return true;
        }
        decoded = terms.tryDecode(coding, head);
        if (decoded == null) {
            return false;
        }
        this.coding = coding;
        measure(head);
        return true;
    }

    private void measure(ResponseHead head) {
        isStream = head.contentLength() == ResponseHead.UNKNOWN || MediaTypes.isEvents(head.fields());
        isGathered = !isStream && head.contentLength() <= GATHERED_MAX;
    }

    private void respond(ResponseHead head, Coding coding) {
        long length = head.contentLength();
        if (!head.isBodiless()) {
            this.coding = coding;
        }
        CodedFields.code(head.fields(), coding);
        head.contentLength(head.isBodiless() ? 0 : ResponseHead.UNKNOWN);
        client.respond(head);
        // Whoever reads the body that comes goes by it still.
        head.contentLength(length);
    }

    @Override
    public void body(ByteBuf data) {
        if (coding == null) {
            client.body(data);
            return;
        }
        if (decoded == null) {
            terms.metrics().of(coding).inBytes().add(data.readableBytes());
        }
        waiting.add(data);
        isUnflushed = true;
        lane.work(this);
    }

    @Override
    public void end(@Nullable Fields theirs) {
        dismiss();
        if (coding == null) {
            client.end(theirs);
            return;
        }
        if (theirs != null) {
            // They are the connection's, and may have to wait.
            trailers = theirs.copy();
            Digests.drop(trailers);
        }
        ends = true;
        lane.work(this);
    }

    @Override
    public void flush() {
        if (coding == null) {
            client.flush();
        } else if (!ends && !isGathered) {
            flushes = true;
            lane.work(this);
        }
    }

    @Override
    public boolean isWritable() {
        boolean isWritable = client.isWritable() && !hasWork();
        isPaused |= !isWritable;
        return isWritable;
    }

    @Override
    public void cut() {
        dismiss();
        if (decoded != null) {
            decoded.send(client);
        }
        letGo();
        client.cut();
    }

    // ---- the work ----

    private boolean hasWork() {
        return coding != null && (ends || !isGathered && (isFull || flushes || !waiting.isEmpty()));
    }

    boolean canWork() {
        return hasWork() && !isWorking && client.isWritable();
    }

    boolean isInTurn() {
        return isInTurn;
    }

    void inTurn(boolean is) {
        isInTurn = is;
    }

    /// Does a slice of what there is to do.
    void work() {
        Coder by = coder();
        isWorking = true;
        ByteBuf piece = waiting.peek();
        if (piece != null || isFull || ends || flushes && isStream && isUnflushed) {
            step(by, piece);
        } else {
            // The coder keeps what it has: its end will come.
            onFlushed();
        }
        isWorking = false;
        resume();
    }

    private Coder coder() {
        Coder by = coder;
        if (by == null) {
            Coding wanted = Objects.requireNonNull(coding, "there is nothing to do");
            by = decoded == null ? lane.take(wanted, terms.level(wanted), isGathered) : CompressionLane.decoder(wanted);
            coder = by;
        }
        return by;
    }

    private void step(Coder by, @Nullable ByteBuf piece) {
        Goal goal = piece == null && ends ? Goal.END : piece == null && flushes && isStream ? Goal.FLUSH : Goal.TAKE;
        ByteBuffer in = piece == null ? NOTHING : lane.peekSlice(piece);
        int size = in.remaining();
        ByteBuffer out = lane.out();
        Step step = by.step(goal, in, out);
        isFull = step == Step.FULL;
        out.flip();
        Fault wrong = decoded == null ? null : decoded.account(step, size - in.remaining(), out.remaining());
        if (wrong != null) {
            fail(wrong);
            return;
        }
        if (out.hasRemaining()) {
            give(by, CompressionLane.copy(out));
        }
        if (piece != null && !piece.skipBytes(size - in.remaining()).isReadable()) {
            waiting.remove().release();
        }
        if (isFull) {
            return;
        }
        switch (goal) {
            case TAKE -> {}
            case FLUSH -> {
                isUnflushed = false;
                onFlushed();
            }
            case END -> onEnded();
        }
    }

    private void give(Coder by, ByteBuf made) {
        if (decoded == null) {
            terms.metrics().of(by.coding()).outBytes().add(made.readableBytes());
            client.body(made);
        } else {
            decoded.body(made, client);
        }
        if (!client.isWritable()) {
            // A little that came may have become much: the client cannot take what is not sent.
            client.flush();
        }
    }

    /// What the endpoint has sent cannot be given to the client.
    private void fail(Fault why) {
        Upload told = dismiss();
        boolean isSent = decoded != null && decoded.isSent();
        letGo();
        terms.metrics().failed();
        exchange.fault(why, "");
        if (told != null) {
            told.onAborted();
        }
        if (isSent) {
            client.cut();
        } else {
            FaultResponses.send(exchange, why, "");
        }
    }

    private void onFlushed() {
        flushes = false;
        if (decoded != null && isStream) {
            decoded.send(client);
        }
        client.flush();
    }

    private void onEnded() {
        Fields last = trailers;
        if (decoded != null) {
            decoded.send(client);
        }
        letGo();
        client.end(last);
        client.flush();
    }

    /// There is room again: whoever was told that there is none hears of it.
    private void resume() {
        Upload told = upload();
        if (isPaused && told != null && isWritable()) {
            isPaused = false;
            told.onWritable();
        }
    }

    /// Of everything that it holds.
    private void letGo() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        trailers = null;
        if (coder != null) {
            lane.give(coder);
            coder = null;
        }
        if (decoded != null) {
            decoded.release();
            terms.endDecoding(Objects.requireNonNull(coding));
            decoded = null;
        } else if (coding != null) {
            terms.end(coding, isGathered);
        }
        coding = null;
    }

    // ---- the request, and the client's other doings ----

    @Override
    public void onWritable() {
        if (isWorking) {
            return;
        }
        if (hasWork()) {
            lane.work(this);
        } else {
            isPaused = true;
            resume();
        }
    }

    @Override
    public void onAborted() {
        Upload told = dismiss();
        letGo();
        if (told != null) {
            told.onAborted();
        }
    }
}
