package dev.fairlead.http.compress;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.net.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/// What one loop does of compression: hands out coders, and gives those who have much to do their turns,
/// so that the loop's other work never waits for longer than one of these. That loop only.
///
/// Work is done where it comes, as long as little was done lately; beyond that, by a task of the loop's, a slice for
/// each in turn. A loop looks at its sockets between two such tasks.
public final class CompressionLane {
    /// Time that may be worked for in one go: what a few slices take. And after how long that counts anew.
    private static final long WORK_NANOS = 1_000_000;

    private static final long WINDOW_NANOS = 2 * WORK_NANOS;

    /// What the coders of a coding may hold that are kept while nobody needs them, some sixty for gzip: to make one
    /// costs as much as compressing 10 KiB.
    private static final int IDLE_BYTES_MAX = 16 << 20;

    /// Slices of one turn: to go from one coder to another costs about as much as a slice, as its state comes from
    /// memory.
    private static final int TURN_SLICES = 4;

    /// Bytes that a coder is given in one go.
    static final int SLICE = 16 << 10;

    private final Loop loop;
    private final Map<Coding, ArrayDeque<Coder>> idle = new EnumMap<>(Coding.class);
    private final ArrayDeque<Coder> idleForWhole = new ArrayDeque<>();
    private final Queue<Recoding> turns = new ArrayDeque<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(SLICE);
    private final ByteBuffer out = ByteBuffer.allocateDirect(SLICE);
    private long windowNanos = System.nanoTime();
    private long workedNanos;
    private boolean isScheduled;
    private boolean isClosed;

    public CompressionLane(Loop loop) {
        this.loop = loop;
        for (Coding each : Coding.values()) {
            idle.put(each, new ArrayDeque<>());
        }
    }

    /// Stands before the client from now on.
    public Recoding begin(Exchange exchange, RouteCompression terms) {
        CodedFields.strengthen(exchange.request().fields());
        var recoding = new Recoding(this, exchange, terms);
        exchange.downstream(recoding);
        return recoding;
    }

    // ---- coders ----

    /// `isWhole`: for a body of which all is there.
    Coder take(Coding coding, int level, boolean isWhole) {
        boolean isForWhole = isWhole && coding.hasForWhole();
        Coder coder = idle(coding, isForWhole).poll();
        if (coder != null && coder.level() != level) {
            coder.close();
            coder = null;
        }
        if (coder == null) {
            coder = isForWhole ? new WholeGzipEncoder(level) : encoder(coding, level);
        }
        coder.begin();
        return coder;
    }

    private static Coder encoder(Coding coding, int level) {
        return switch (coding) {
            case GZIP -> new GzipEncoder(level);
            case BR -> new BrotliEncoder(level);
            case ZSTD -> new ZstdEncoder(level);
        };
    }

    /// What decodes one body.
    static Coder decoder(Coding coding) {
        Coder decoder = coding.decoder();
        decoder.begin();
        return decoder;
    }

    /// It is not needed any more, whether it has come to an end or not.
    void give(Coder coder) {
        ArrayDeque<Coder> others = idle(coder.coding(), coder.isForWhole());
        int size = coder.coding().memory(coder.level(), coder.isForWhole());
        if (isClosed || !coder.isReusable() || (others.size() + 1) * size > IDLE_BYTES_MAX) {
            coder.close();
        } else {
            others.push(coder);
        }
    }

    private ArrayDeque<Coder> idle(Coding coding, boolean isForWhole) {
        return isForWhole ? idleForWhole : Objects.requireNonNull(idle.get(coding));
    }

    /// Nothing is forwarded any more.
    public void close() {
        isClosed = true;
        idle.values().forEach(CompressionLane::close);
        close(idleForWhole);
    }

    private static void close(ArrayDeque<Coder> coders) {
        coders.forEach(Coder::close);
        coders.clear();
    }

    // ---- buffers ----

    /// The first bytes of a piece, in memory that native code can read.
    ByteBuffer peekSlice(ByteBuf piece) {
        int size = Math.min(SLICE, piece.readableBytes());
        if (piece.isDirect() && piece.nioBufferCount() == 1) {
            return piece.internalNioBuffer(piece.readerIndex(), size);
        }
        in.clear().limit(size);
        piece.getBytes(piece.readerIndex(), in);
        return in.flip();
    }

    /// Where a step may put what comes out. Valid until the next one.
    ByteBuffer out() {
        return out.clear();
    }

    /// What came out, in a buffer of its size.
    static ByteBuf copy(ByteBuffer came) {
        return PooledByteBufAllocator.DEFAULT.directBuffer(came.remaining()).writeBytes(came);
    }

    // ---- turns ----

    /// Has it work now, or soon.
    void work(Recoding each) {
        if (each.isInTurn()) {
            return;
        }
        long now = System.nanoTime();
        if (now - windowNanos > WINDOW_NANOS) {
            windowNanos = now;
            workedNanos = 0;
        }
        while (turns.isEmpty() && workedNanos < WORK_NANOS && each.canWork()) {
            each.work();
            long then = System.nanoTime();
            workedNanos += then - now;
            now = then;
        }
        await(each);
    }

    private void await(Recoding each) {
        if (each.canWork() && !each.isInTurn()) {
            each.inTurn(true);
            turns.add(each);
            schedule();
        }
    }

    private void schedule() {
        if (!isScheduled) {
            isScheduled = true;
            // Not executed: tasks that make tasks are done before the loop looks at its sockets. This is looked at once
            // for each time that it does.
            loop.eventLoop().schedule(this::turn, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void turn() {
        isScheduled = false;
        long begin = System.nanoTime();
        for (Recoding each = turns.poll(); each != null; each = turns.poll()) {
            each.inTurn(false);
            for (int i = 0; i < TURN_SLICES && each.canWork(); i++) {
                each.work();
            }
            await(each);
            if (System.nanoTime() - begin > WORK_NANOS) {
                break;
            }
        }
        if (!turns.isEmpty()) {
            schedule();
        }
    }
}
