package dev.fairlead.http.compress;

import dev.fairlead.http.compress.Coder.Goal;
import dev.fairlead.http.compress.Coder.Step;
import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Stands before the endpoint of an exchange on a route that compresses, and so before the cache, if there is one:
/// gives the response's body
/// another coding if that is to be, and lets everything else pass. Both sides see what they would see of each other.
///
/// It holds one read of the endpoint at most, for it is not writable while anything waits. The exchange's loop only.
public final class Recoding implements Downstream, Upload {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    // immutable
    private final CompressionLane lane;
    private final Exchange exchange;
    private final Downstream client;
    private final RouteCompression terms;

    // this loop only
    private @Nullable Upload upload;
    private @Nullable Coder coder;
    private final Queue<ByteBuf> waiting = new ArrayDeque<>(2);
    private @Nullable Fields trailers;
    /// What is there goes out whenever no more has come for now.
    private boolean isStream;
    private boolean isUnflushed;
    private boolean isFull;
    private boolean flushes;
    private boolean ends;
    private boolean isWorking;
    private boolean isInTurn;
    private boolean isPaused;

    Recoding(CompressionLane lane, Exchange exchange, RouteCompression terms) {
        this.lane = lane;
        this.exchange = exchange;
        this.client = exchange.downstream();
        this.terms = terms;
    }

    /// This one asks the endpoint, and takes the rest of the request. What the client's side is to tell instead.
    public Upload of(Upload asking) {
        upload = asking;
        return this;
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead head) {
        if (head.status() == 304) {
            CodedFields.notModified(exchange.request().fields(), head.fields());
        } else if (terms.isFor(head)) {
            CodedFields.vary(head.fields());
            Coding coding = terms.choose(exchange.request());
            if (coding != null && (head.isBodiless() || begin(coding))) {
                respond(head, coding);
                return;
            }
        }
        client.respond(head);
    }

    private boolean begin(Coding coding) {
        if (!terms.tryBegin(coding)) {
            return false;
        }
        coder = lane.take(coding, terms.level(coding));
        return true;
    }

    private void respond(ResponseHead head, Coding coding) {
        long length = head.contentLength();
        isStream = length == ResponseHead.UNKNOWN || MediaTypes.isEvents(head.fields());
        CodedFields.code(head.fields(), coding);
        head.contentLength(head.isBodiless() ? 0 : ResponseHead.UNKNOWN);
        client.respond(head);
        // Whoever reads the body that comes goes by it still.
        head.contentLength(length);
    }

    @Override
    public void body(ByteBuf data) {
        if (coder == null) {
            client.body(data);
            return;
        }
        terms.metrics().of(coder.coding()).inBytes().add(data.readableBytes());
        waiting.add(data);
        isUnflushed = true;
        lane.work(this);
    }

    @Override
    public void end(@Nullable Fields theirs) {
        upload = null;
        if (coder == null) {
            client.end(theirs);
            return;
        }
        if (theirs != null) {
            // They are the connection's, and may have to wait.
            trailers = theirs.copy();
            CodedFields.dropDigests(trailers);
        }
        ends = true;
        lane.work(this);
    }

    @Override
    public void flush() {
        if (coder == null) {
            client.flush();
        } else if (!ends) {
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
        upload = null;
        letGo();
        client.cut();
    }

    @Override
    public void tunnel(ResponseHead head, DuplexChannel upstream, @Nullable ByteBuf rest, Runnable onOver) {
        client.tunnel(head, upstream, rest, onOver);
    }

    @Override
    public void wantBody(boolean want) {
        client.wantBody(want);
    }

    // ---- the work ----

    private boolean hasWork() {
        return coder != null && (isFull || ends || flushes || !waiting.isEmpty());
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
        Coder by = coder;
        assert by != null;
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

    private void step(Coder by, @Nullable ByteBuf piece) {
        Goal goal = piece == null && ends ? Goal.END : piece == null && flushes && isStream ? Goal.FLUSH : Goal.TAKE;
        ByteBuffer in = piece == null ? NOTHING : lane.peekSlice(piece);
        int size = in.remaining();
        ByteBuffer out = lane.out();
        Step step = by.step(goal, in, out);
        isFull = step == Step.FULL;
        if (out.flip().hasRemaining()) {
            terms.metrics().of(by.coding()).outBytes().add(out.remaining());
            client.body(CompressionLane.copy(out));
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

    private void onFlushed() {
        flushes = false;
        client.flush();
    }

    private void onEnded() {
        Fields last = trailers;
        letGo();
        client.end(last);
        client.flush();
    }

    /// There is room again: whoever was told that there is none hears of it.
    private void resume() {
        Upload told = upload;
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
            terms.end(coder.coding());
            coder = null;
        }
    }

    // ---- the request, and the client's other doings ----

    @Override
    public void onBody(ByteBuf data) {
        if (upload == null) {
            data.release();
        } else {
            upload.onBody(data);
        }
    }

    @Override
    public void onEnd(@Nullable Fields theirs) {
        if (upload != null) {
            upload.onEnd(theirs);
        }
    }

    @Override
    public void onReadComplete() {
        if (upload != null) {
            upload.onReadComplete();
        }
    }

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
        Upload told = upload;
        upload = null;
        letGo();
        if (told != null) {
            told.onAborted();
        }
    }
}
