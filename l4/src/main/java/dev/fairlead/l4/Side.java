package dev.fairlead.l4;

import dev.fairlead.net.BareSockets;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Resets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One side of a flow as a bare socket: registered with its loop in its own name, edge-triggered, so that nothing
/// reads but what can be passed on. Some never were channels; the others are taken from one ([Takeover]).
///
/// It knows whether it can be read and written as far as the kernel has said, and tells its [Watcher] when that has
/// changed: first whoever looks for an endpoint, then the relay. This loop only.
final class Side implements EpollIoHandle {
    private static final int EPOLLHUP = 0x10;
    private static final int BROKEN_MASK = EpollIoOps.EPOLLERR.value() | EPOLLHUP;
    private static final int END_MASK = EpollIoOps.EPOLLRDHUP.value() | BROKEN_MASK;
    private static final int READ_MASK = EpollIoOps.EPOLLIN.value() | END_MASK;
    private static final int WRITE_MASK = EpollIoOps.EPOLLOUT.value() | BROKEN_MASK;
    private static final EpollIoOps READ =
            EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP).with(EpollIoOps.EPOLLET);
    private static final EpollIoOps READ_AND_WRITE = READ.with(EpollIoOps.EPOLLOUT);

    /// Who is told what happens to a side.
    interface Watcher {
        /// Something has changed: it can be read, or written, or what comes has an end.
        void onReady(Side side);

        /// It has been hung up, told after [#onReady]: both halves are over, or there was an error.
        void onHangup(Side side, boolean isError);

        /// Its channel is off the loop.
        void onTaken(Side side);

        /// Its channel broke before that.
        void onBroken(Side side);

        /// The loop ends.
        void onLoopEnded();
    }

    // immutable
    private final Loop loop;
    private final FileDescriptor file;
    private final int socket;
    private final @Nullable EpollSocketChannel channel;
    private final @Nullable Takeover takeover;
    private final @Nullable Runnable onClosed;

    // this loop only
    private @Nullable Watcher watcher;
    private @Nullable IoRegistration registration;
    private boolean taken;
    private boolean readable;
    private boolean writable;
    private boolean asksToWrite;
    private boolean hangup;
    private boolean broken;
    private boolean delays;
    private boolean hasSent;
    private boolean closed;

    private Side(
            Loop loop,
            FileDescriptor file,
            @Nullable EpollSocketChannel channel,
            @Nullable Runnable onClosed,
            @Nullable Watcher watcher) {
        this.loop = loop;
        this.file = file;
        this.socket = file.intValue();
        this.channel = channel;
        this.takeover = channel == null ? null : new Takeover(channel, this);
        this.onClosed = onClosed;
        this.watcher = watcher;
        this.taken = channel == null;
    }

    /// A connected or connecting socket that has no channel; `onClosed` runs once it is closed.
    static Side of(Loop loop, int descriptor, Runnable onClosed, Watcher watcher) {
        return new Side(loop, new FileDescriptor(descriptor), null, onClosed, watcher);
    }

    /// The socket of an open channel, which is left alone until [#take]; it has a watcher before that.
    static Side of(Loop loop, EpollSocketChannel channel) {
        return new Side(loop, channel.fd(), channel, null, null);
    }

    int socket() {
        return socket;
    }

    void watcher(Watcher next) {
        watcher = next;
    }

    private Watcher watcher() {
        Watcher told = watcher;
        assert told != null;
        return told;
    }

    // ---- registration ----

    /// Takes its channel off the loop, which is done a moment later; a side that never had one is taken already.
    /// `before` was read of it.
    void take(@Nullable ByteBuf before) {
        assert takeover != null || before == null;
        if (takeover != null) {
            takeover.begin(before);
        }
    }

    boolean isTaken() {
        return taken;
    }

    /// What was read of its channel, in one piece of native memory. The caller owns it.
    @Nullable
    ByteBuf taken() {
        return takeover == null ? null : takeover.taken();
    }

    void onTaken() {
        taken = true;
        watcher().onTaken(this);
    }

    void onBroken() {
        watcher().onBroken(this);
    }

    boolean isRegistered() {
        return registration != null;
    }

    /// Registers it. A socket that still connects says that it can be written when it is connected or has failed. False
    /// when the loop takes nothing any more.
    boolean register(boolean isConnected) {
        assert registration == null;
        IoRegistration mine = ((IoEventLoop) loop.eventLoop()).register(this).getNow();
        if (mine == null) {
            return false;
        }
        registration = mine;
        writable = isConnected;
        // What was accepted has the listening socket's setting, what was a channel has its own.
        delays = !isConnected;
        asksToWrite = !isConnected;
        mine.submit(isConnected ? READ : READ_AND_WRITE);
        return true;
    }

    @Override
    public FileDescriptor fd() {
        return file;
    }

    @Override
    public void handle(IoRegistration its, IoEvent event) {
        if (closed) {
            return;
        }
        int ops = ((EpollIoEvent) event).ops().value();
        readable |= (ops & READ_MASK) != 0;
        hangup |= (ops & END_MASK) != 0;
        broken |= (ops & BROKEN_MASK) != 0;
        writable |= (ops & WRITE_MASK) != 0;
        watcher().onReady(this);
        if ((ops & BROKEN_MASK) != 0 && !closed) {
            watcher().onHangup(this, (ops & EpollIoOps.EPOLLERR.value()) != 0);
        }
    }

    // ---- what can be done ----

    boolean isReadable() {
        return readable;
    }

    /// What came before the registration makes no edge of its own.
    void mayBeReadable() {
        readable = true;
    }

    /// All there was has been read: what comes later makes an edge, but an end that was announced makes none.
    void drained() {
        readable = hangup;
    }

    /// There is nothing, or nothing more.
    void unreadable() {
        readable = false;
    }

    boolean isWritable() {
        return writable;
    }

    /// There was an error, or it is over in both directions.
    boolean isBroken() {
        return broken;
    }

    /// Something is about to be sent. The first time there is nothing on the way that Nagle's algorithm would wait for,
    /// and for many connections it is the only one: so it is turned off before the second.
    void sends() {
        if (delays && hasSent) {
            delays = false;
            BareSockets.ofThisLoop().prepare(socket);
        }
        hasSent = true;
    }

    /// Connected here, and nothing is sent for now: the peer is told that it is connected.
    void sendsNothingYet() {
        if (delays && !hasSent) {
            BareSockets.ofThisLoop().acknowledge(socket);
        }
    }

    /// It took less than it was given.
    void blocked() {
        writable = false;
        IoRegistration mine = registration;
        if (!asksToWrite && mine != null && !closed) {
            asksToWrite = true;
            mine.submit(READ_AND_WRITE);
        }
    }

    // ---- end ----

    void close(boolean reset) {
        if (closed) {
            return;
        }
        closed = true;
        if (takeover != null) {
            takeover.end();
        }
        if (channel != null && !taken) {
            // It is still its channel's.
            if (reset) {
                Resets.close(channel);
            } else {
                channel.close();
            }
            return;
        }
        if (reset) {
            BareSockets.ofThisLoop().resetOnClose(socket);
        }
        try {
            file.close();
        } catch (IOException _) {
            // The kernel has let go of it all the same: close(2), Dealing with error returns.
        }
        IoRegistration mine = registration;
        if (mine != null) {
            // After the close, by which epoll has forgotten it already: then this is no call.
            mine.cancel();
        }
        if (channel != null) {
            // For those who wait for its end.
            channel.close();
        }
        if (onClosed != null) {
            onClosed.run();
        }
    }

    /// The loop ends.
    @Override
    public void close() {
        watcher().onLoopEnded();
    }
}
