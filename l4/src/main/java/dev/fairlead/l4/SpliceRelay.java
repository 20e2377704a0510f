package dev.fairlead.l4;

import dev.fairlead.net.Loop;
import dev.fairlead.sys.Transfer;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A relay that has both sockets to itself ([Side]), where a channel of Netty's would read all there is once its peer
/// has closed. So each direction may leave the bytes in the kernel.
///
/// A direction copies through a buffer that all flows of the loop share; what the other side does not take, at most
/// that buffer, waits. When it is read full several times in a row it is bulk: then it is spliced through a pipe,
/// until only little comes at a time. See [Half].
final class SpliceRelay implements Relay, Side.Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(SpliceRelay.class);

    /// Nothing has moved for this long: no stream is under way that a FIN could make look whole.
    private static final long QUIET_NANOS = 1_000_000_000;

    private final Loop loop;
    private final Pipes pipes = Pipes.ofThisLoop();
    private final RelayTerms terms;
    private final RelayClock clock;
    private final Owner owner;
    private final Side downstream;
    private final Side upstream;
    private final Half in;
    private final Half out;
    private @Nullable ByteBuf introduction;
    private @Nullable Half firstEnded;
    private long firstByteNanos;
    private boolean begun;
    private boolean ended;

    private SpliceRelay(Loop loop, Side downstream, Side upstream, RelayTerms terms, Owner owner) {
        this.loop = loop;
        this.owner = owner;
        this.terms = terms;
        this.clock = new RelayClock(loop, terms, this::end);
        this.downstream = downstream;
        this.upstream = upstream;
        this.in = new Half(
                this,
                downstream,
                upstream,
                terms.bytes().in(),
                terms.endpointBytes().in());
        this.out = new Half(
                this,
                upstream,
                downstream,
                terms.bytes().out(),
                terms.endpointBytes().out());
    }

    /// See [Relay#join]. `introduction` is what the upstream side is told before all else.
    static SpliceRelay join(
            Loop loop,
            Side downstream,
            Side upstream,
            @Nullable ByteBuf introduction,
            @Nullable ByteBuf fromDownstream,
            @Nullable ByteBuf fromUpstream,
            RelayTerms terms,
            Owner owner) {
        var relay = new SpliceRelay(loop, downstream, upstream, terms, owner);
        relay.introduction = introduction;
        downstream.watcher(relay);
        upstream.watcher(relay);
        relay.clock.touch(System.nanoTime());
        downstream.take(fromDownstream);
        upstream.take(fromUpstream);
        relay.tryBegin();
        return relay;
    }

    @Override
    public long bytesIn() {
        return in.bytes();
    }

    @Override
    public long bytesOut() {
        return out.bytes();
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

    Half opposite(Half half) {
        return half == in ? out : in;
    }

    @Override
    public void onTaken(Side side) {
        tryBegin();
    }

    /// Begins once both sides are off their channels, where they had any. Later, in a task of its own: who joins has
    /// to know the relay before that can end.
    private void tryBegin() {
        if (!begun && !ended && downstream.isTaken() && upstream.isTaken()) {
            begun = true;
            loop.eventLoop().execute(this::begin);
        }
    }

    private void begin() {
        if (ended) {
            return;
        }
        in.begin(introduction, downstream.taken());
        introduction = null;
        out.begin(null, upstream.taken());
        // Both first: what is read of the one may have to wait for the other.
        if (register(downstream) && register(upstream)) {
            in.work();
            out.work();
            if (!ended) {
                upstream.sendsNothingYet();
            }
        }
    }

    private boolean register(Side side) {
        if (side.isRegistered()) {
            return true;
        }
        if (!side.register(true)) {
            onBroken(side, 0);
            return false;
        }
        side.mayBeReadable();
        return true;
    }

    @Override
    public void onReady(Side side) {
        if (!begun || ended) {
            return;
        }
        Half reads = side == downstream ? in : out;
        Half writes = side == downstream ? out : in;
        if (side.isReadable()) {
            reads.work();
        }
        if (side.isWritable() && !writes.isEmpty() && !ended) {
            writes.work();
        }
    }

    @Override
    public void onHangup(Side side, boolean isError) {
        if (!begun || ended) {
            return;
        }
        if (isError && (side == downstream ? in : out).hasInputEnded()) {
            // Nothing is read any more that could tell.
            onBroken(side, 0);
        } else {
            // Its peer has reset, and what came before cannot be passed on yet: it is given the fin time.
            clock.halfClosed(System.nanoTime());
        }
    }

    @Override
    public void onBroken(Side side) {
        onBroken(side, 0);
    }

    @Override
    public void onLoopEnded() {
        cut();
    }

    void onMoved(Half half) {
        long now = System.nanoTime();
        if (half == out && firstByteNanos == 0) {
            firstByteNanos = now;
        }
        if (!ended) {
            clock.touch(now);
        }
    }

    void onSpliced(int bytes) {
        terms.spliced().add(bytes);
    }

    /// All that will ever come of `half` has been passed on.
    void onEnded(Half half) {
        if (firstEnded == null) {
            firstEnded = half;
            clock.halfClosed(System.nanoTime());
        } else {
            end(firstEnded == in ? RelayEnd.DOWNSTREAM_FIN : RelayEnd.UPSTREAM_FIN);
        }
    }

    void onBroken(Side side, int errno) {
        boolean isLost = errno == Transfer.ETIMEDOUT;
        if (side == downstream) {
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
        boolean isQuiet = in.isEmpty() && out.isEmpty() && System.nanoTime() - clock.touchedNanos() >= QUIET_NANOS;
        boolean reset = how == RelayEnd.CUT ? !isQuiet : how.isReset();
        in.close();
        out.close();
        if (introduction != null) {
            introduction.release();
            introduction = null;
        }
        downstream.close(reset);
        upstream.close(reset);
        owner.onRelayEnded(this, how);
    }
}
