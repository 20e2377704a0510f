package dev.fairlead.http.codec;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A tunnel of which one side, or both, is a stream: what comes from either goes to the other, and so does each end.
/// Neither is read on while the other does not take it. Its exchange ends with it. Its loop only.
public final class Bridge {
    // immutable
    private final Exchange exchange;
    private final Service service;
    private final Tunnels tunnels;
    private final Endpoint endpoint;
    private final Runnable onOver;
    private final Deadline idle;
    private final long idleNanos;
    private final Way up;
    private final Way down;

    // this loop only
    private @Nullable String how;
    private boolean isOver;

    /// `onOver`: what is to be given back when it ends.
    public Bridge(
            Loop loop,
            Exchange exchange,
            Service service,
            Tunnels tunnels,
            TunnelSide client,
            TunnelSide server,
            Runnable onOver,
            long idleNanos) {
        this.exchange = exchange;
        this.service = service;
        this.tunnels = tunnels;
        this.endpoint = Objects.requireNonNull(exchange.endpoint(), "a tunnel leads somewhere");
        this.onOver = onOver;
        this.idleNanos = idleNanos;
        this.up = new Way(client, server);
        this.down = new Way(server, client);
        this.idle = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                cut("idle");
            }
        };
    }

    public void begin() {
        tunnels.onOpened();
        awaitMore();
        up.from.begin(up);
        down.from.begin(down);
    }

    private void awaitMore() {
        idle.at(System.nanoTime() + idleNanos);
    }

    private void count(Way way, int bytes) {
        if (way == up) {
            exchange.received(bytes);
            tunnels.passed(endpoint, bytes, 0);
        } else {
            exchange.sent(bytes);
            tunnels.passed(endpoint, 0, bytes);
        }
    }

    /// `why`: the word for it in the log and the metrics.
    public void cut(String why) {
        if (how == null) {
            how = why;
        }
        up.from.cut();
        down.from.cut();
    }

    /// When both sides are closed, or the other is closed for what became of this one.
    private void lost(Way way) {
        if (how == null) {
            how = up.hasEnded && down.hasEnded ? "closed" : "reset";
        }
        Way other = way == up ? down : up;
        if (!other.isLost) {
            if (!how.equals("closed")) {
                other.from.cut();
            }
        } else if (!isOver) {
            isOver = true;
            idle.end();
            onOver.run();
            exchange.tunnelEnded(how);
            service.ended(exchange, System.nanoTime());
            // Last: a tunnel that is no longer counted is in the log.
            tunnels.onEnded();
        }
    }

    /// One of its two directions.
    private final class Way implements TunnelSide.Taker {
        private final TunnelSide from;
        private final TunnelSide into;
        private boolean hasEnded;
        private boolean isLost;

        Way(TunnelSide from, TunnelSide into) {
            this.from = from;
            this.into = into;
        }

        @Override
        public void onBytes(ByteBuf data) {
            count(this, data.readableBytes());
            into.send(data);
            awaitMore();
            if (!into.isWritable()) {
                from.want(false);
            }
        }

        @Override
        public void onReadComplete() {
            into.flush();
        }

        @Override
        public void onEnd() {
            hasEnded = true;
            into.end();
            into.flush();
        }

        /// What goes the other way goes into this side.
        @Override
        public void onWritable() {
            into.want(true);
        }

        @Override
        public void onLost() {
            isLost = true;
            lost(this);
        }
    }
}
