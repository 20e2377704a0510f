package dev.fairlead.l4;

import dev.fairlead.net.BareSockets;
import dev.fairlead.net.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import org.jspecify.annotations.Nullable;

/// A dial by a bare socket, which becomes the upstream [Side] of the flow. It is its own time-out.
final class SocketDial extends Deadline implements Dial, Side.Watcher {
    private final Call call;
    private final Caller caller;
    private final BareSockets sockets = BareSockets.ofThisLoop();
    private @Nullable Side side;
    private boolean over;

    SocketDial(Call call, Caller caller) {
        super(call.loop());
        this.call = call;
        this.caller = caller;
    }

    @Override
    public void begin() {
        int socket = sockets.connect(call.address(), call.terms(), call.source(), call.client());
        if (socket < 0) {
            over = true;
            if (BareSockets.hasNoDescriptor(socket)) {
                caller.onNoSocket("no descriptor left");
                return;
            }
            call.to().connectionClosed();
            fail(socket);
            return;
        }
        side = Side.of(call.loop(), socket, call.to()::connectionClosed, this);
        if (!side.register(false)) {
            close("the loop has ended");
            return;
        }
        at(System.nanoTime() + call.timeoutMillis() * 1_000_000L);
    }

    @Override
    public void onReady(Side connecting) {
        if (over || !connecting.isWritable()) {
            return;
        }
        int error = connecting.isBroken() ? sockets.error(connecting.socket()) : 0;
        over = true;
        end();
        if (error == 0) {
            caller.onConnected();
        } else {
            connecting.close(false);
            fail(error);
        }
    }

    private void fail(int errno) {
        if (BareSockets.hasNoSource(errno)) {
            caller.onNoSource();
        } else {
            caller.onNotConnected("errno " + -errno, BareSockets.isRefused(errno));
        }
    }

    @Override
    protected void onExpired(long nowNanos) {
        close("not within " + call.timeoutMillis() + " ms");
    }

    private void close(String cause) {
        if (!over) {
            abandon();
            caller.onNotConnected(cause, false);
        }
    }

    @Override
    public void abandon() {
        over = true;
        end();
        if (side != null) {
            side.close(true);
        }
    }

    @Override
    public Relay join(
            Client client,
            @Nullable Introduction introduction,
            @Nullable ByteBuf held,
            RelayTerms terms,
            Relay.Owner owner) {
        Side upstream = side;
        assert upstream != null;
        Side downstream = switch (client) {
            case Client.Bare(Side bare, var _) -> bare;
            case Client.OfChannel(var channel) -> Side.of(call.loop(), (EpollSocketChannel) channel);
        };
        ByteBuf first = introduction == null ? null : introduction.header();
        return SpliceRelay.join(call.loop(), downstream, upstream, first, held, null, terms, owner);
    }

    /// Only told after an event of [#onReady], which has seen the error.
    @Override
    public void onHangup(Side connecting, boolean isError) {}

    @Override
    public void onTaken(Side none) {}

    @Override
    public void onBroken(Side none) {}

    @Override
    public void onLoopEnded() {
        close("the loop has ended");
    }
}
