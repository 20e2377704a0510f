package dev.fairlead.l4;

import dev.fairlead.metrics.Counter;
import dev.fairlead.net.Resets;
import dev.fairlead.sys.Pipe;
import dev.fairlead.sys.Transfer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import org.jspecify.annotations.Nullable;

/// One side of a [SpliceRelay], as the source of one direction: its socket, whether that can be read and written, and
/// what was read of it that the other side has not taken.
/// This loop only.
final class Half implements EpollIoHandle {
    /// Full buffers in a row that make a bulk of a stream. Below it a splice costs more than it spares: two calls
    /// for the pages of one.
    static final int BULK_READS = 4;

    /// What a splice moves at least, on the way; several smaller ones in a row, and it is copied again.
    static final int BULK_BYTES = 32 << 10;

    /// How much of one direction goes before other sockets of the loop have their turn.
    private static final int TURN_BYTES = 1 << 20;

    private static final int EPOLLHUP = 0x10;
    private static final int BROKEN_MASK = EpollIoOps.EPOLLERR.value() | EPOLLHUP;
    private static final int END_MASK = EpollIoOps.EPOLLRDHUP.value() | BROKEN_MASK;
    private static final int READ_MASK = EpollIoOps.EPOLLIN.value() | END_MASK;
    private static final int WRITE_MASK = EpollIoOps.EPOLLOUT.value() | BROKEN_MASK;
    private static final EpollIoOps READ =
            EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP).with(EpollIoOps.EPOLLET);
    private static final EpollIoOps READ_AND_WRITE = READ.with(EpollIoOps.EPOLLOUT);

    // immutable
    private final SpliceRelay relay;
    private final EpollSocketChannel channel;
    private final int socket;
    private final Takeover takeover;
    private final Pipes pipes;
    private final Transfer transfer;
    private final Counter counter;
    private final Counter spliced;

    // this loop only; set once, before anything else
    @Nullable
    Half other;

    private @Nullable IoRegistration registration;
    private boolean taken;
    private boolean readable;
    private boolean writable = true;
    private boolean asksToWrite;
    /// The kernel has said that no byte comes after those that are there: only reading to the end shows which end.
    private boolean hangup;

    private boolean inputEnded;
    private boolean outputEnded;
    private boolean again;
    private @Nullable ByteBuf waiting;
    private @Nullable Pipe pipe;
    private int inPipe;
    private boolean splicing;
    private int fullReads;
    private int smallSplices;
    private long bytes;
    private long counted;

    Half(SpliceRelay relay, EpollSocketChannel channel, Counter counter, Counter spliced) {
        this.relay = relay;
        this.channel = channel;
        this.socket = channel.fd().intValue();
        this.takeover = new Takeover(channel, this);
        this.pipes = relay.pipes();
        this.transfer = pipes.transfer();
        this.counter = counter;
        this.spliced = spliced;
    }

    private Half other() {
        assert other != null;
        return other;
    }

    long bytes() {
        return bytes;
    }

    boolean isTaken() {
        return taken;
    }

    /// Nothing waits for the other side.
    boolean isEmpty() {
        return waiting == null && inPipe == 0;
    }

    /// Takes the channel off its loop, which is done a moment later. `before` was read of it already.
    void take(@Nullable ByteBuf before) {
        takeover.begin(before);
    }

    void onTaken() {
        taken = true;
        relay.onTaken();
    }

    void onBroken() {
        relay.onBroken(this, 0);
    }

    void begin() {
        if (relay.hasEnded()) {
            return;
        }
        ByteBuf before = takeover.taken();
        if (before != null) {
            bytes += before.readableBytes();
            waiting = before;
        }
        registration = ((IoEventLoop) relay.loop().eventLoop()).register(this).getNow();
        if (registration == null) {
            relay.onBroken(this, 0);
            return;
        }
        asksToWrite = !writable;
        registration.submit(asksToWrite ? READ_AND_WRITE : READ);
        // What came before the registration makes no edge of its own.
        readable = true;
        work();
    }

    @Override
    public FileDescriptor fd() {
        return channel.fd();
    }

    @Override
    public void handle(IoRegistration its, IoEvent event) {
        if (relay.hasEnded()) {
            return;
        }
        int ops = ((EpollIoEvent) event).ops().value();
        if ((ops & READ_MASK) != 0) {
            readable = true;
        }
        if ((ops & END_MASK) != 0) {
            hangup = true;
        }
        if ((ops & WRITE_MASK) != 0) {
            writable = true;
        }
        work();
        if ((ops & BROKEN_MASK) != 0 && !relay.hasEnded()) {
            onHangup((ops & EpollIoOps.EPOLLERR.value()) != 0);
        }
    }

    private void onHangup(boolean isError) {
        if (inputEnded && isError) {
            // Nothing is read any more that could tell.
            relay.onBroken(this, 0);
        } else {
            relay.onHangup();
        }
    }

    /// Moves what can be moved now, both ways.
    private void work() {
        try {
            Half to = other();
            if (readable) {
                move(to);
                account();
            }
            if (writable && !to.isEmpty() && !relay.hasEnded()) {
                to.move(this);
                to.account();
            }
        } catch (RuntimeException broken) {
            relay.onFailed(broken);
        }
    }

    private void account() {
        long fresh = bytes - counted;
        if (fresh > 0) {
            counted = bytes;
            counter.add(fresh);
            relay.onMoved(this);
        }
    }

    private void move(Half to) {
        int left = TURN_BYTES;
        while (!relay.hasEnded() && flush(to)) {
            if (inputEnded) {
                endOutput(to);
                return;
            }
            if (!readable) {
                return;
            }
            if (left <= 0) {
                moveAgain();
                return;
            }
            left -= splicing ? splice() : copy(to);
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
    private boolean flush(Half to) {
        ByteBuf buffer = waiting;
        if (buffer != null) {
            if (!to.writable) {
                return false;
            }
            int sent = sent(to, transfer.send(to.socket, buffer.nioBuffer()));
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
        return inPipe == 0 || flushPipe(to);
    }

    private boolean flushPipe(Half to) {
        Pipe full = pipe;
        while (full != null && inPipe > 0) {
            if (!to.writable) {
                return false;
            }
            int sent = sent(to, transfer.splice(full.out(), to.socket, inPipe));
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
    private int sent(Half to, int result) {
        if (result < 0 && result != Transfer.EAGAIN && result != Transfer.EINTR) {
            relay.onBroken(to, result);
        }
        return Math.max(result, 0);
    }

    private void blocked() {
        writable = false;
        IoRegistration mine = registration;
        if (!asksToWrite && mine != null && !relay.hasEnded()) {
            asksToWrite = true;
            mine.submit(READ_AND_WRITE);
        }
    }

    /// Copies once. What was read.
    private int copy(Half to) {
        int read = transfer.receive(socket);
        if (read <= 0) {
            return received(read);
        }
        bytes += read;
        int sent = to.writable ? sent(to, transfer.send(to.socket, 0, read)) : 0;
        if (sent < read && !relay.hasEnded()) {
            waiting = channel.alloc().directBuffer(read - sent).writeBytes(transfer.peek(sent, read - sent));
            to.blocked();
        }
        if (read < Transfer.BUFFER_BYTES) {
            fullReads = 0;
            // All there was: what comes later makes an edge. An end that was announced makes none.
            readable = hangup;
        } else if (++fullReads == BULK_READS) {
            fullReads = 0;
            smallSplices = 0;
            splicing = true;
        }
        return read;
    }

    /// Splices once, into an empty pipe. What went in.
    private int splice() {
        Pipe into = pipe == null ? pipes.borrow() : pipe;
        if (into == null) {
            splicing = false;
            return 0;
        }
        pipe = into;
        int read = transfer.splice(socket, into.in(), into.capacity());
        if (read <= 0) {
            leavePipe();
            return received(read);
        }
        bytes += read;
        inPipe = read;
        spliced.add(read);
        smallSplices = read < BULK_BYTES ? smallSplices + 1 : 0;
        splicing = smallSplices < BULK_READS;
        return read;
    }

    /// Nothing came: the end, nothing now, or an error.
    private int received(int result) {
        if (result == 0) {
            inputEnded = true;
        } else if (result == Transfer.EAGAIN) {
            readable = false;
        } else if (result != Transfer.EINTR) {
            relay.onBroken(this, result);
        }
        return 0;
    }

    private void leavePipe() {
        Pipe empty = pipe;
        if (empty != null) {
            pipe = null;
            pipes.giveBack(empty, true);
        }
    }

    private void endOutput(Half to) {
        readable = false;
        if (to.outputEnded) {
            return;
        }
        to.outputEnded = true;
        if (!outputEnded && transfer.shutdownOutput(to.socket) < 0) {
            relay.onBroken(to, 0);
            return;
        }
        relay.onEnded(this);
    }

    void close(boolean reset) {
        takeover.end();
        ByteBuf unsent = waiting;
        if (unsent != null) {
            waiting = null;
            unsent.release();
        }
        Pipe left = pipe;
        if (left != null) {
            pipe = null;
            pipes.giveBack(left, inPipe == 0);
        }
        IoRegistration mine = registration;
        if (mine != null) {
            mine.cancel();
        }
        if (reset) {
            Resets.close(channel);
        } else {
            channel.close();
        }
    }

    /// The loop ends.
    @Override
    public void close() {
        relay.cut();
    }
}
