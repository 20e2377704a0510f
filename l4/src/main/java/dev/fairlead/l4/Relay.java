package dev.fairlead.l4;

import dev.fairlead.net.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// Two connections joined into one: what is read on the one is written to the other, until both are done. It owns
/// both channels from [#join] on.
///
/// - A side is not read while the other cannot take more, so what a flow holds in each direction is bounded.
/// - The end of one half is passed on after the last byte; the other half goes on. Both ended: both are closed.
/// - An error on one side resets the other: a stream that was cut must not look like one that ended.
/// - No byte in either direction for the idle time, or for the fin time once a half is closed: both are closed.
///
/// Two kinds: a [SpliceRelay] has the sockets to itself, and only epoll can give it those; a [CopyRelay] goes
/// through the channels, whatever they are. Both channels are on one loop; everything here happens there.
public sealed interface Relay permits CopyRelay, SpliceRelay {
    /// Told once, when both channels are closed or closing.
    interface Owner {
        void onRelayEnded(Relay relay, RelayEnd end);
    }

    /// Joins two open channels of this loop, whose pipelines let `ByteBuf`s through and hold nothing back.
    /// `fromDownstream` and `fromUpstream` are bytes that were read before and not yet passed on; null: none.
    /// Nothing was written that is not flushed.
    static Relay join(
            Loop loop,
            DuplexChannel downstream,
            DuplexChannel upstream,
            @Nullable ByteBuf fromDownstream,
            @Nullable ByteBuf fromUpstream,
            RelayTerms terms,
            Owner owner) {
        assert loop.isHere();
        if (!canSplice(downstream) || !canSplice(upstream)) {
            return CopyRelay.join(loop, downstream, upstream, fromDownstream, fromUpstream, terms, owner);
        }
        return SpliceRelay.join(
                loop,
                Side.of(loop, (EpollSocketChannel) downstream),
                Side.of(loop, (EpollSocketChannel) upstream),
                null,
                fromDownstream,
                fromUpstream,
                terms,
                owner);
    }

    /// A handler that is left in the pipeline may have work to do on the bytes, such as TLS; what was written and not
    /// yet sent must go first.
    private static boolean canSplice(DuplexChannel channel) {
        return channel instanceof EpollSocketChannel
                && channel.pipeline().first() == null
                && channel.unsafe().outboundBuffer() != null
                && channel.unsafe().outboundBuffer().totalPendingWriteBytes() == 0;
    }

    /// Bytes read downstream, for the upstream side.
    long bytesIn();

    /// Bytes read upstream, for the downstream side.
    long bytesOut();

    /// When the first byte of the upstream side came; 0 before.
    long firstByteNanos();

    /// Ends it, whatever is under way. Connections on which nothing is under way are closed, others reset.
    void cut();
}
