package dev.fairlead.http.h2;

import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.http.codec.ResponseReader;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP/2 connection to an endpoint, that carries the attempts of many exchanges at once, each on a stream of its
/// own (RFC 9113). Its loop only.
public final class H2Trunk extends Http2FrameAdapter implements FramingOwner {
    private static final Logger LOG = LoggerFactory.getLogger(H2Trunk.class);

    /// Of an answer's head, HPACK's 32 bytes for each field counted in.
    private static final long HEAD_MAX = 80 << 10;
    /// PING and SETTINGS that are answered while the endpoint takes nothing of what it is sent.
    private static final int UNTAKEN_MAX = 1000;

    // immutable
    final Loop loop;
    final Bytes scratch;
    final Framing framing;
    final BlockText text = new BlockText();
    /// What is read into them is valid until the next head of any stream.
    final ResponseHead head = new ResponseHead();

    final ResponseReader reader = new ResponseReader(head);
    private final Endpoint endpoint;
    private final Owner owner;
    private final UpstreamHttp2Spec spec;
    private final FieldBlock block = new FieldBlock();
    private final Http2Connection.PropertyKey key;
    private final Deadline idle;
    private final Pulse pulse;
    private final long madeNanos = System.nanoTime();

    // this loop only
    private final List<H2Attempt> touched = new ArrayList<>();
    private PoolSpec terms;
    private @Nullable Origination origination;
    private int taken;
    private int carried;
    private int untaken;
    private boolean isLeaving;
    private boolean isLost;

    /// Who keeps it.
    public interface Owner {
        /// It is closed: forget it.
        void onLost(H2Trunk trunk);
    }

    /// `scratch` is the loop's: heads are put together in it.
    public H2Trunk(Loop loop, Endpoint endpoint, Owner owner, UpstreamHttp2Spec spec, PoolSpec terms, Bytes scratch) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.owner = owner;
        this.spec = spec;
        this.terms = terms;
        this.scratch = scratch;
        Http2Settings settings = new Http2Settings()
                .pushEnabled(false)
                .initialWindowSize(spec.window())
                .maxHeaderListSize(HEAD_MAX);
        this.framing = Framing.ofClient(this, block, settings);
        this.key = framing.connection().newKey();
        this.pulse = new Pulse(loop, framing, spec.pingInterval(), spec.pingTimeout());
        this.idle = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                retire();
            }
        };
    }

    /// What stands in the pipeline.
    public ChannelHandler handler() {
        return framing;
    }

    public Loop loop() {
        return loop;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /// It is connected, and secured if it is to be. Who waited for it has a place already: without them it might not be
    /// worth keeping.
    public void begin() {
        origination = Origination.of(framing.channel());
        if (taken == 0) {
            rest(System.nanoTime());
        }
    }

    // ---- attempts ----

    /// Whether one more attempt may go on it now. `by`: how it must be secured; null: not at all.
    public boolean hasRoom(@Nullable Origination by, long nowNanos) {
        return !isLeaving
                && !isLost
                && !pulse.isDoubted()
                && nowNanos - tooOldNanos() < 0
                && taken < spec.streams()
                && origination == by
                && framing.channel().isActive()
                && framing.connection().local().canOpenStream();
    }

    /// A place for one more attempt.
    public Conduit take() {
        if (taken++ == 0) {
            idle.clear();
            pulse.watch(true, System.nanoTime());
        }
        return new H2Attempt(this, carried++ > 0);
    }

    /// A stream for the attempt; null: the endpoint allows no more.
    @Nullable
    Http2Stream open(H2Attempt attempt) {
        Http2Stream opened = isLost ? null : framing.open();
        if (opened != null) {
            opened.setProperty(key, attempt);
        }
        return opened;
    }

    Http2Headers block(RequestHead request) {
        return RequestBlock.head(request, endpoint.origin().host(endpoint.name()), origination != null);
    }

    /// What becomes of it when nothing is under way.
    void follow(PoolSpec newTerms) {
        terms = newTerms;
    }

    /// One attempt is over.
    void over() {
        if (!isLeaving && endpoint.isConnectionWantedElsewhere(loop.eventLoop())) {
            isLeaving = true;
        }
        if (--taken == 0 && !isLost) {
            rest(System.nanoTime());
        }
    }

    /// Something came for it: it is told when no more has arrived for now.
    void touch(H2Attempt attempt) {
        touched.add(attempt);
    }

    @Override
    public void onReadComplete() {
        pulse.heard(System.nanoTime());
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).onReadComplete();
        }
        touched.clear();
    }

    // ---- frames ----

    private @Nullable H2Attempt on(int streamId) {
        Http2Stream stream = framing.connection().stream(streamId);
        return stream == null ? null : stream.getProperty(key);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext here,
            int streamId,
            Http2Headers fields,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean isLast) {
        H2Attempt attempt = on(streamId);
        if (attempt != null) {
            attempt.head(block, isLast);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext here, int streamId, ByteBuf data, int padding, boolean isLast) {
        H2Attempt attempt = on(streamId);
        return padding + (attempt == null ? data.readableBytes() : attempt.peekData(data, isLast));
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext here, int streamId, long code) {
        H2Attempt attempt = on(streamId);
        if (attempt != null) {
            attempt.onReset(code);
        }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        if (!framing.channel().isActive()) {
            lose();
        }
        H2Attempt attempt = stream.getProperty(key);
        if (attempt != null) {
            attempt.onClosed();
        }
    }

    @Override
    public void onWritabilityChanged(Http2Stream stream) {
        H2Attempt attempt = stream.getProperty(key);
        if (attempt != null) {
            attempt.onWritabilityChanged();
        }
    }

    /// No new attempt goes on it. Those that the endpoint has not looked at may go elsewhere.
    @Override
    public void onGoAwayRead(ChannelHandlerContext here, int lastStream, long code, ByteBuf debug) {
        isLeaving = true;
        if (code != Http2Error.NO_ERROR.code()) {
            LOG.atWarn()
                    .addKeyValue("endpoint", endpoint)
                    .addKeyValue("error", code)
                    .log("the endpoint gives an HTTP/2 connection up");
        }
        for (Http2Stream stream : framing.streams()) {
            H2Attempt attempt = stream.getProperty(key);
            if (attempt != null && stream.id() > lastStream) {
                attempt.onLeftOut();
            }
        }
        if (taken == 0) {
            rest(System.nanoTime());
        }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext here, Http2Settings settings) throws Http2Exception {
        answered();
    }

    @Override
    public void onPingRead(ChannelHandlerContext here, long data) throws Http2Exception {
        answered();
    }

    /// Each of these is acknowledged.
    private void answered() throws Http2Exception {
        untaken = framing.channel().isWritable() ? 0 : untaken + 1;
        if (untaken > UNTAKEN_MAX) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "acknowledgements are not taken");
        }
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext here, long data) {
        pulse.onAnswered(System.nanoTime());
    }

    // ---- waiting ----

    /// Nothing is under way: it is kept for a while, or closed.
    private void rest(long nowNanos) {
        long tooOldNanos = tooOldNanos();
        long idleNanos = nowNanos + terms.idleTimeout().toNanos();
        if (isLeaving || terms.idleMax() == 0 || endpoint.isGone() || nowNanos - tooOldNanos >= 0) {
            leave();
        } else {
            pulse.watch(false, nowNanos);
            idle.at(tooOldNanos - idleNanos < 0 ? tooOldNanos : idleNanos);
        }
    }

    private long tooOldNanos() {
        return madeNanos + terms.maxAge().toNanos();
    }

    /// An attempt has waited in vain since then.
    void doubt(long sinceNanos) {
        if (!isLost) {
            pulse.doubt(sinceNanos, System.nanoTime());
        }
    }

    /// It was the connection that died, and not for what was asked on it.
    boolean isDead() {
        return pulse.isGone();
    }

    // ---- the end ----

    /// Takes no more attempts, and closes when nothing is under way.
    public void retire() {
        isLeaving = true;
        if (taken == 0) {
            leave();
        }
    }

    private void leave() {
        isLeaving = true;
        if (!isLost) {
            framing.goAway(0, Http2Error.NO_ERROR);
            framing.channel().close();
        }
    }

    @Override
    public boolean onStreamError(int streamId, @Nullable Http2Stream stream, StreamException wrong) {
        H2Attempt attempt = stream == null ? null : stream.getProperty(key);
        if (attempt == null) {
            // RFC 9113 §5.1: what was on its way when the stream ended.
            return wrong.error() == Http2Error.STREAM_CLOSED;
        }
        boolean isTooLarge = wrong instanceof HeaderListSizeException;
        attempt.broken(
                isTooLarge ? Fault.RESPONSE_HEAD_TOO_LARGE : Fault.RESPONSE_MALFORMED,
                isTooLarge ? "head too large" : "broken stream",
                wrong.error());
        return true;
    }

    @Override
    public void onConnectionError(Http2Error error, Throwable cause) {
        LOG.atWarn()
                .addKeyValue("endpoint", endpoint)
                .addKeyValue("error", error)
                .addKeyValue("reason", cause.getMessage())
                .log("an HTTP/2 connection is given up: the endpoint breaks its rules");
        isLeaving = true;
        framing.goAway(0, error);
        for (Http2Stream stream : framing.streams()) {
            H2Attempt attempt = stream.getProperty(key);
            if (attempt != null) {
                attempt.broken(Fault.RESPONSE_MALFORMED, "broken connection", null);
            }
        }
        framing.channel().close();
    }

    /// The connection is no more: its place is free before its attempts look for another.
    private void lose() {
        if (!isLost) {
            isLost = true;
            idle.end();
            pulse.end();
            if (pulse.isGone()) {
                LOG.atWarn().addKeyValue("endpoint", endpoint).log("an HTTP/2 connection is dead: no answer to PING");
            }
            endpoint.connectionClosed();
            owner.onLost(this);
        }
    }

    @Override
    public void onClosed() {
        lose();
    }
}
