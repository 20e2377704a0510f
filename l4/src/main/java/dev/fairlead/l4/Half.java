package dev.fairlead.l4;

import dev.fairlead.metrics.Counter;
import dev.fairlead.sys.Pipe;
import dev.fairlead.sys.Transfer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// One direction of a [SpliceRelay]: what is read on one side for the other, and what of it that has not taken yet.
/// This loop only.
final class Half {
    /// Full buffers in a row that make a bulk of a stream. Below it a splice costs more than it spares: two calls
    /// for the pages of one.
    static final int BULK_READS = 4;

    /// What a splice moves at least, on the way; several smaller ones in a row, and it is copied again.
    static final int BULK_BYTES = 32 << 10;

    /// How much of one direction goes before other sockets of the loop have their turn.
    private static final int TURN_BYTES = 1 << 20;

    // immutable
    private final SpliceRelay relay;
    private final Side from;
    private final Side to;
    private final Transfer transfer;
    private final Counter counter;
    private final Counter endpointCounter;

    // this loop only
    private boolean inputEnded;
    private boolean ended;
    private boolean again;
    private @Nullable ByteBuf waiting;
    private @Nullable Pipe pipe;
    private int inPipe;
    private boolean splicing;
    private int fullReads;
    private int smallSplices;
    private long bytes;
    private long counted;

    Half(SpliceRelay relay, Side from, Side to, Counter counter, Counter endpointCounter) {
        this.relay = relay;
        this.from = from;
        this.to = to;
        this.transfer = relay.pipes().transfer();
        this.counter = counter;
        this.endpointCounter = endpointCounter;
    }

    long bytes() {
        return bytes;
    }

    /// Nothing waits for the other side.
    boolean isEmpty() {
        return waiting == null && inPipe == 0;
    }

    /// Everything was read, whatever of it waits still.
    boolean hasInputEnded() {
        return inputEnded;
    }

    /// `introduction` goes first, and is no byte of the flow's; `before` was read already, and lies
    /// in native memory.
    void begin(@Nullable ByteBuf introduction, @Nullable ByteBuf before) {
        if (before != null) {
            bytes += before.readableBytes();
        }
        if (introduction == null) {
            waiting = before;
            return;
        }
        ByteBuf both = PooledByteBufAllocator.DEFAULT.directBuffer(
                introduction.readableBytes() + (before == null ? 0 : before.readableBytes()));
        waiting = both.writeBytes(introduction);
        introduction.release();
        if (before != null) {
            both.writeBytes(before);
            before.release();
        }
    }

    /// Moves what can be moved now.
    void work() {
        try {
            move();
        } catch (RuntimeException broken) {
            relay.onFailed(broken);
        }
        long fresh = bytes - counted;
        if (fresh > 0) {
            counted = bytes;
            counter.add(fresh);
            endpointCounter.add(fresh);
            relay.onMoved(this);
        }
    }

    private void move() {
        int left = TURN_BYTES;
        while (!relay.hasEnded() && flush()) {
            if (inputEnded) {
                endOutput();
                return;
            }
            if (!from.isReadable()) {
                return;
            }
            if (left <= 0) {
                moveAgain();
                return;
            }
            left -= splicing ? splice() : copy();
        }
    }

    private void moveAgain() {
        if (!again) {
            again = true;
            relay.loop().eventLoop().execute(() -> {
                again = false;
                if (!relay.hasEnded()) {
                    work();
                }
            });
        }
    }

    /// Gives the other side what waits for it. True when nothing waits any more.
    private boolean flush() {
        ByteBuf buffer = waiting;
        if (buffer != null) {
            if (!to.isWritable()) {
                return false;
            }
            to.sends();
            int sent = sent(transfer.send(to.socket(), buffer.nioBuffer()));
            if (relay.hasEnded()) {
                return false;
            }
            buffer.skipBytes(sent);
            if (buffer.isReadable()) {
                to.blocked();
                return false;
            }
            waiting = null;
            buffer.release();
            relay.onMoved(this);
        }
        return inPipe == 0 || flushPipe();
    }

    private boolean flushPipe() {
        Pipe full = pipe;
        while (full != null && inPipe > 0) {
            if (!to.isWritable()) {
                return false;
            }
            int sent = sent(transfer.splice(full.out(), to.socket(), inPipe));
            if (relay.hasEnded()) {
                return false;
            }
            if (sent == 0) {
                to.blocked();
                return false;
            }
            inPipe -= sent;
        }
        if (full != null && !splicing) {
            leavePipe();
        }
        relay.onMoved(this);
        return true;
    }

    /// What was sent; 0 also when the other side is broken, and with it the relay.
    private int sent(int result) {
        if (result < 0 && result != Transfer.EAGAIN && result != Transfer.EINTR) {
            relay.onBroken(to, result);
        }
        return Math.max(result, 0);
    }

    /// Copies once. What was read.
    private int copy() {
        int read = transfer.receive(from.socket());
        if (read <= 0) {
            return received(read);
        }
        bytes += read;
        to.sends();
        int sent = to.isWritable() ? sent(transfer.send(to.socket(), 0, read)) : 0;
        if (sent < read && !relay.hasEnded()) {
            waiting = PooledByteBufAllocator.DEFAULT
                    .directBuffer(read - sent)
                    .writeBytes(transfer.peek(sent, read - sent));
            to.blocked();
        }
        if (read < Transfer.BUFFER_BYTES) {
            fullReads = 0;
            from.drained();
        } else if (++fullReads == BULK_READS) {
            fullReads = 0;
            smallSplices = 0;
            splicing = true;
        }
        return read;
    }

    /// Splices once, into an empty pipe. What went in.
    private int splice() {
        Pipe into = pipe == null ? relay.pipes().borrow() : pipe;
        if (into == null) {
            splicing = false;
            return 0;
        }
        pipe = into;
        int read = transfer.splice(from.socket(), into.in(), into.capacity());
        if (read <= 0) {
            leavePipe();
            return received(read);
        }
        bytes += read;
        inPipe = read;
        relay.onSpliced(read);
        smallSplices = read < BULK_BYTES ? smallSplices + 1 : 0;
        splicing = smallSplices < BULK_READS;
        return read;
    }

    /// Nothing came: the end, nothing now, or an error.
    private int received(int result) {
        if (result == 0) {
            inputEnded = true;
        } else if (result == Transfer.EAGAIN) {
            from.unreadable();
        } else if (result != Transfer.EINTR) {
            relay.onBroken(from, result);
        }
        return 0;
    }

    private void leavePipe() {
        Pipe empty = pipe;
        if (empty != null) {
            pipe = null;
            relay.pipes().giveBack(empty, true);
        }
    }

    /// All has been passed on, but for the end. When the other direction has come so far before, both connections are
    /// closed now. If not, the end waits until the loop has been round: who has read the last of an answer often
    /// closes at once, and then one close says it all.
    private void endOutput() {
        from.unreadable();
        if (!ended) {
            ended = true;
            relay.onEnded(this);
            if (!relay.hasEnded()) {
                relay.loop().eventLoop().execute(this::passEnd);
            }
        }
    }

    private void passEnd() {
        if (!relay.hasEnded()) {
            relay.opposite(this).lookForEnd();
        }
        if (!relay.hasEnded() && transfer.shutdownOutput(to.socket()) < 0) {
            relay.onBroken(to, 0);
        }
    }

    private void lookForEnd() {
        if (!inputEnded) {
            from.mayBeReadable();
            work();
        }
    }

    /// The relay ends.
    void close() {
        ByteBuf unsent = waiting;
        if (unsent != null) {
            waiting = null;
            unsent.release();
        }
        Pipe left = pipe;
        if (left != null) {
            pipe = null;
            relay.pipes().giveBack(left, inPipe == 0);
        }
    }
}
