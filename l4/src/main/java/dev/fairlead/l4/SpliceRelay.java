package dev.fairlead.l4;

import dev.fairlead.net.Loop;
import dev.fairlead.sys.Transfer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A relay that has both sockets to itself: it takes the channels off the loop and registers the descriptors in its
/// own name, edge-triggered. So nothing reads but what can be passed on (a channel of Netty's reads all there is once
/// its peer has closed), and each direction may leave the bytes in the kernel.
///
/// A direction copies through a buffer that all flows of the loop share; what the other side does not take, at most
/// that buffer, waits. When it is read full several times in a row it is bulk: then it is spliced through a pipe,
/// until only little comes at a time. See [Half].
final class SpliceRelay implements Relay {
    private static final Logger LOG = LoggerFactory.getLogger(SpliceRelay.class);

    /// Nothing has moved for this long: no stream is under way that a FIN could make look whole.
    private static final long QUIET_NANOS = 1_000_000_000;

    private final Loop loop;
    private final Pipes pipes = Pipes.ofThisLoop();
    private final RelayClock clock;
    private final Owner owner;
    private final Half downstream;
    private final Half upstream;
    private @Nullable Half firstEnded;
    private long firstByteNanos;
    private boolean ended;

    private SpliceRelay(
            Loop loop, EpollSocketChannel downstream, EpollSocketChannel upstream, RelayTerms terms, Owner owner) {
        this.loop = loop;
        this.owner = owner;
        this.clock = new RelayClock(loop, terms, this::end);
        this.downstream = new Half(this, downstream, terms.bytesIn(), terms.spliced());
        this.upstream = new Half(this, upstream, terms.bytesOut(), terms.spliced());
        this.downstream.other = this.upstream;
        this.upstream.other = this.downstream;
    }

    static SpliceRelay join(
            Loop loop,
            EpollSocketChannel downstream,
            EpollSocketChannel upstream,
            @Nullable ByteBuf fromDownstream,
            @Nullable ByteBuf fromUpstream,
            RelayTerms terms,
            Owner owner) {
        var relay = new SpliceRelay(loop, downstream, upstream, terms, owner);
        relay.clock.touch(System.nanoTime());
        relay.downstream.take(fromDownstream);
        relay.upstream.take(fromUpstream);
        return relay;
    }

    @Override
    public long bytesIn() {
        return downstream.bytes();
    }

    @Override
    public long bytesOut() {
        return upstream.bytes();
    }

    @Override
    public long firstByteNanos() {
        return firstByteNanos;
    }

    @Override
    public void cut() {
        end(RelayEnd.CUT);
    }

    Loop loop() {
        return loop;
    }

    Pipes pipes() {
        return pipes;
    }

    boolean hasEnded() {
        return ended;
    }

    /// A channel is off the loop. Both: the relay begins.
    void onTaken() {
        if (!ended && downstream.isTaken() && upstream.isTaken()) {
            downstream.begin();
            upstream.begin();
        }
    }

    void onMoved(Half from) {
        long now = System.nanoTime();
        if (from == upstream && firstByteNanos == 0) {
            firstByteNanos = now;
        }
        if (!ended) {
            clock.touch(now);
        }
    }

    /// All that `half` will ever send has been passed on.
    void onEnded(Half half) {
        if (firstEnded == null) {
            firstEnded = half;
            clock.halfClosed(System.nanoTime());
        } else {
            end(firstEnded == downstream ? RelayEnd.DOWNSTREAM_FIN : RelayEnd.UPSTREAM_FIN);
        }
    }

    /// Its peer has reset, and what came before cannot be passed on yet: it is given the fin time.
    void onHangup() {
        clock.halfClosed(System.nanoTime());
    }

    void onBroken(Half half, int errno) {
        boolean isLost = errno == Transfer.ETIMEDOUT;
        if (half == downstream) {
            end(isLost ? RelayEnd.DOWNSTREAM_LOST : RelayEnd.DOWNSTREAM_RESET);
        } else {
            end(isLost ? RelayEnd.UPSTREAM_LOST : RelayEnd.UPSTREAM_RESET);
        }
    }

    void onFailed(RuntimeException broken) {
        LOG.atError().setCause(broken).log("a relay failed");
        end(RelayEnd.CUT);
    }

    private void end(RelayEnd how) {
        if (ended) {
            return;
        }
        ended = true;
        clock.end();
        boolean isQuiet =
                downstream.isEmpty() && upstream.isEmpty() && System.nanoTime() - clock.touchedNanos() >= QUIET_NANOS;
        boolean reset = how == RelayEnd.CUT ? !isQuiet : how.isReset();
        downstream.close(reset);
        upstream.close(reset);
        owner.onRelayEnded(this, how);
    }
}
