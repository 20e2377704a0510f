package dev.fairlead.l4;

import dev.fairlead.metrics.Counter;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Resets;
import dev.fairlead.net.tls.TlsSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A relay through the channels of Netty, of any transport and with whatever stands in their pipelines. A side is not
/// read while the other cannot take more (auto-read follows writability), so a flow holds about the high water mark of
/// bytes in each direction. With epoll a peer that closes its half makes its channel hand over the rest at once,
/// which is at most the kernel's receive buffer.
final class CopyRelay implements Relay {
    private static final Logger LOG = LoggerFactory.getLogger(CopyRelay.class);

    private final Side downstream;
    private final Side upstream;
    private final RelayClock clock;
    private final Owner owner;
    private @Nullable Side firstEnded;
    private long firstByteNanos;
    private boolean ended;

    private CopyRelay(Loop loop, DuplexChannel downstream, DuplexChannel upstream, RelayTerms terms, Owner owner) {
        this.downstream =
                new Side(downstream, terms.bytes().in(), terms.endpointBytes().in());
        this.upstream =
                new Side(upstream, terms.bytes().out(), terms.endpointBytes().out());
        this.owner = owner;
        this.clock = new RelayClock(loop, terms, this::end);
    }

    /// See [Relay#join].
    static CopyRelay join(
            Loop loop,
            DuplexChannel downstream,
            DuplexChannel upstream,
            @Nullable ByteBuf fromDownstream,
            @Nullable ByteBuf fromUpstream,
            RelayTerms terms,
            Owner owner) {
        var relay = new CopyRelay(loop, downstream, upstream, terms, owner);
        relay.begin(fromDownstream, fromUpstream);
        return relay;
    }

    @Override
    public long bytesIn() {
        return downstream.bytes;
    }

    @Override
    public long bytesOut() {
        return upstream.bytes;
    }

    @Override
    public long firstByteNanos() {
        return firstByteNanos;
    }

    @Override
    public void cut() {
        end(RelayEnd.CUT);
    }

    private void begin(@Nullable ByteBuf fromDownstream, @Nullable ByteBuf fromUpstream) {
        clock.touch(System.nanoTime());
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
        clock.end();
        downstream.close(how);
        upstream.close(how);
        owner.onRelayEnded(this, how);
    }

    /// One of the two channels, as the source of one direction. Its handler is also told when it can be written
    /// again, and then lets the other side be read.
    private final class Side extends ChannelInboundHandlerAdapter {
        private final DuplexChannel channel;
        private final Counter counter;
        private final Counter endpointCounter;
        private long bytes;
        private long counted;
        private boolean inputEnded;

        Side(DuplexChannel channel, Counter counter, Counter endpointCounter) {
            this.channel = channel;
            this.counter = counter;
            this.endpointCounter = endpointCounter;
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
                broken();
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
            if (this == upstream && firstByteNanos == 0) {
                firstByteNanos = System.nanoTime();
            }
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
                endpointCounter.add(fresh);
                other().channel.flush();
                touch();
            }
        }

        private void touch() {
            if (!ended) {
                clock.touch(System.nanoTime());
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
                    to.broken();
                    return;
                }
                if (firstEnded == null) {
                    firstEnded = this;
                    clock.halfClosed(System.nanoTime());
                    TlsSession.shutdownOutput(to.channel);
                } else {
                    end(firstEnded == downstream ? RelayEnd.DOWNSTREAM_FIN : RelayEnd.UPSTREAM_FIN);
                }
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // Half-closed in good order is no inactivity: this is a connection that broke.
            broken();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException)) {
                LOG.atWarn().setCause(cause).log("a relay failed");
            }
            // Else a reset by the peer, or a write that failed: the network's fault, and an outcome.
            broken();
        }

        private void broken() {
            end(this == downstream ? RelayEnd.DOWNSTREAM_RESET : RelayEnd.UPSTREAM_RESET);
        }

        void close(RelayEnd how) {
            if (how.isReset()) {
                Resets.close(channel);
            } else {
                channel.close();
            }
        }
    }
}
