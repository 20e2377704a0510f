package dev.fairlead.l4;

import dev.fairlead.metrics.Counter;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two connections joined into one: what is read on the one is written to the other, until both are done. It owns
/// both channels from [#join] on.
///
/// - A side is not read while the other cannot take more (auto-read follows writability), so a flow holds about the
///   high water mark of bytes in each direction. Only once a peer has closed its half does epoll hand over the rest
///   at once, which is at most the kernel's receive buffer.
/// - The end of one half is passed on after the last byte; the other half goes on. Both ended: both are closed.
/// - An error on one side resets the other: a stream that was cut must not look like one that ended.
/// - No byte in either direction for the idle time: both are closed.
///
/// Both channels are on one loop; everything here happens there.
public final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /// Told once, when both channels are closed or closing.
    public interface Owner {
        void onRelayEnded(Relay relay, RelayEnd end);
    }

    private final Side downstream;
    private final Side upstream;
    private final long idleNanos;
    private final Deadline idle;
    private final Owner owner;
    private boolean ended;

    private Relay(
            Loop loop,
            DuplexChannel downstream,
            DuplexChannel upstream,
            long idleNanos,
            Counter bytesIn,
            Counter bytesOut,
            Owner owner) {
        this.downstream = new Side(downstream, bytesIn);
        this.upstream = new Side(upstream, bytesOut);
        this.idleNanos = idleNanos;
        this.owner = owner;
        this.idle = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                Relay.this.end(RelayEnd.IDLE);
            }
        };
    }

    /// Joins two open channels of this loop, whose pipelines let `ByteBuf`s through and hold nothing back.
    /// `fromDownstream` and `fromUpstream` are bytes that were read before and not yet passed on; null: none.
    /// `bytesIn` counts what goes upstream, `bytesOut` what comes back. Both channels are read from now on.
    public static Relay join(
            Loop loop,
            DuplexChannel downstream,
            DuplexChannel upstream,
            @Nullable ByteBuf fromDownstream,
            @Nullable ByteBuf fromUpstream,
            long idleNanos,
            Counter bytesIn,
            Counter bytesOut,
            Owner owner) {
        assert loop.isHere();
        var relay = new Relay(loop, downstream, upstream, idleNanos, bytesIn, bytesOut, owner);
        relay.begin(fromDownstream, fromUpstream);
        return relay;
    }

    /// Bytes read downstream and given to the upstream side.
    public long bytesIn() {
        return downstream.bytes;
    }

    /// Bytes read upstream and given to the downstream side.
    public long bytesOut() {
        return upstream.bytes;
    }

    /// Resets both connections, whatever is under way.
    public void cut() {
        end(RelayEnd.CUT);
    }

    private void begin(@Nullable ByteBuf fromDownstream, @Nullable ByteBuf fromUpstream) {
        idle.at(System.nanoTime() + idleNanos);
        downstream.channel.pipeline().addLast(downstream);
        upstream.channel.pipeline().addLast(upstream);
        downstream.begin(fromDownstream);
        upstream.begin(fromUpstream);
    }

    private void end(RelayEnd how) {
        if (ended) {
            return;
        }
        ended = true;
        idle.end();
        downstream.close(how);
        upstream.close(how);
        owner.onRelayEnded(this, how);
    }

    /// One of the two channels, as the source of one direction. Its handler is also told when it can be written
    /// again, and then lets the other side be read.
    private final class Side extends ChannelInboundHandlerAdapter {
        private final DuplexChannel channel;
        private final Counter counter;
        private long bytes;
        private long counted;
        private boolean inputEnded;
        private boolean outputEnded;

        Side(DuplexChannel channel, Counter counter) {
            this.channel = channel;
            this.counter = counter;
        }

        private Side other() {
            return this == downstream ? upstream : downstream;
        }

        void begin(@Nullable ByteBuf before) {
            if (before != null) {
                take(before);
                passOn();
            }
            if (ended) {
                return;
            }
            if (!channel.isActive()) {
                end(RelayEnd.RESET);
            } else if (channel.isInputShutdown()) {
                onInputEnded();
            } else {
                channel.config().setAutoRead(other().channel.isWritable());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            take((ByteBuf) message);
        }

        private void take(ByteBuf buffer) {
            if (ended) {
                buffer.release();
                return;
            }
            bytes += buffer.readableBytes();
            Channel to = other().channel;
            // Void: a write that fails is reported to the other side's exceptionCaught, without an object for each.
            to.write(buffer, to.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            passOn();
        }

        private void passOn() {
            long fresh = bytes - counted;
            if (fresh > 0) {
                counted = bytes;
                counter.add(fresh);
                other().channel.flush();
                touch();
            }
        }

        private void touch() {
            if (!ended) {
                idle.at(System.nanoTime() + idleNanos);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (!ended) {
                touch();
                other().channel.config().setAutoRead(channel.isWritable());
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                onInputEnded();
            }
        }

        private void onInputEnded() {
            if (inputEnded || ended) {
                return;
            }
            inputEnded = true;
            passOn();
            Side to = other();
            // An empty write is done when all before it are: only then the half may be shut, it would drop them.
            to.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
                if (ended) {
                    return;
                }
                if (!flushed.isSuccess()) {
                    end(RelayEnd.RESET);
                    return;
                }
                to.outputEnded = true;
                if (outputEnded) {
                    end(RelayEnd.CLOSED);
                } else {
                    to.channel.shutdownOutput();
                }
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // Half-closed in good order is no inactivity: this is a connection that broke.
            end(RelayEnd.RESET);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException)) {
                LOG.atWarn().setCause(cause).log("a relay failed");
            }
            // Else a reset by the peer, or a write that failed: the network's fault, and an outcome.
            end(RelayEnd.RESET);
        }

        void close(RelayEnd how) {
            if (how == RelayEnd.RESET || how == RelayEnd.CUT) {
                reset(channel);
            } else {
                channel.close();
            }
        }
    }

    /// Closes with a RST in place of a FIN.
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            try {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException _) {
                // The kernel has closed it already: there is nobody left to reset.
            }
            channel.close();
        }
    }
}
