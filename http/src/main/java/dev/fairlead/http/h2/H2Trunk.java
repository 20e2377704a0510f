package dev.fairlead.http.h2;

import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.http.codec.ResponseReader;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Http2Counts;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Objects;
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
    final Offers offers = new Offers();
    private final Endpoint endpoint;
    private final Owner owner;
    private final FieldBlock block = new FieldBlock();
    private final Occupants occupants;
    private final Places places;
    private final Pulse pulse;
    private final Http2Counts counts;
    /// The endpoint's when the connection was made: what TLS has asked it for.
    private final @Nullable String serverName;

    // this loop only
    private @Nullable Origination origination;
    private int untaken;
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
        this.serverName = endpoint.origin().serverName();
        this.owner = owner;
        this.counts = endpoint.http2();
        this.scratch = scratch;
        Http2Settings settings = new Http2Settings()
                .pushEnabled(false)
                .initialWindowSize(spec.window())
                .maxHeaderListSize(HEAD_MAX);
        this.framing = Framing.ofClient(this, block, settings);
        this.occupants = new Occupants(framing);
        this.pulse = new Pulse(loop, framing, spec.pingInterval(), spec.pingTimeout());
        this.places = new Places(loop, endpoint, spec.streams(), terms, this::retire);
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
        restIfFree();
    }

    // ---- attempts ----

    /// Whether one more attempt may go on it now. `by`: how it must be secured; null: not at all.
    public boolean hasRoom(@Nullable Origination by, long nowNanos) {
        return !isLost
                && !pulse.isDoubted()
                && places.isOneLeft(nowNanos)
                && origination == by
                && (by == null || Objects.equals(serverName, endpoint.origin().serverName()))
                && framing.channel().isActive()
                && framing.connection().local().canOpenStream();
    }

    /// A place for one more attempt.
    public Conduit take() {
        if (!places.isOneTaken()) {
            pulse.watch(true, System.nanoTime());
        }
        places.take();
        return new H2Attempt(this);
    }

    /// A stream for the attempt; null: the endpoint allows no more.
    @Nullable
    Http2Stream open(H2Attempt attempt) {
        Http2Stream opened = isLost ? null : framing.open();
        if (opened != null) {
            occupants.put(attempt, opened);
            counts.opened();
        }
        return opened;
    }

    Http2Headers block(RequestHead request) {
        return RequestBlock.head(request, endpoint.origin().host(endpoint.name()), origination != null);
    }

    /// What becomes of it when nothing is under way.
    void follow(PoolSpec terms) {
        places.follow(terms);
    }

    /// One attempt is over. `isCancelled`: it had a stream, and that was taken back.
    void over(boolean hadStream, boolean isCancelled) {
        if (hadStream) {
            counts.closed();
        }
        if (isCancelled) {
            counts.cancelled();
            places.cancelled();
        }
        places.give();
        restIfFree();
        endpoint.roomFreed();
    }

    /// The endpoint says that it has not looked at an attempt.
    void refused() {
        counts.refused();
    }

    /// Something came for it: it is told when no more has arrived for now.
    void touch(H2Attempt attempt) {
        occupants.touch(attempt);
    }

    @Override
    public void onRead() {
        pulse.heard(System.nanoTime());
    }

    @Override
    public void onReadComplete() {
        occupants.onReadComplete();
    }

    // ---- frames ----

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
        H2Attempt attempt = occupants.on(streamId);
        if (attempt != null) {
            attempt.head(block, isLast);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext here, int streamId, ByteBuf data, int padding, boolean isLast) {
        H2Attempt attempt = occupants.on(streamId);
        return padding + (attempt == null ? data.readableBytes() : attempt.peekData(data, isLast));
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext here, int streamId, long code) {
        H2Attempt attempt = occupants.on(streamId);
        if (attempt != null) {
            attempt.onReset(code);
        }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        if (!framing.channel().isActive()) {
            lose();
        }
        H2Attempt attempt = occupants.on(stream);
        if (attempt != null) {
            attempt.onClosed();
        }
        endpoint.roomFreed();
    }

    @Override
    public void onWritabilityChanged(Http2Stream stream) {
        H2Attempt attempt = occupants.on(stream);
        if (attempt != null) {
            attempt.onWritabilityChanged();
        }
    }

    /// No new attempt goes on it. Those that the endpoint has not looked at may go elsewhere.
    @Override
    public void onGoAwayRead(ChannelHandlerContext here, int lastStream, long code, ByteBuf debug) {
        places.close();
        counts.wentAway();
        if (code != Http2Error.NO_ERROR.code()) {
            LOG.atWarn()
                    .addKeyValue("endpoint", endpoint)
                    .addKeyValue("error", code)
                    .log("the endpoint gives an HTTP/2 connection up");
        }
        occupants.eachBehind(lastStream, H2Attempt::onLeftOut);
        restIfFree();
    }

    /// It may allow more streams than before.
    @Override
    public void onSettingsRead(ChannelHandlerContext here, Http2Settings settings) throws Http2Exception {
        answered();
        offers.onSettings(settings);
        endpoint.roomFreed();
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
        endpoint.roomFreed();
    }

    // ---- waiting ----

    /// With nothing under way it is kept for a while, or closed.
    private void restIfFree() {
        if (isLost || places.isOneTaken()) {
            return;
        }
        long now = System.nanoTime();
        pulse.watch(false, now);
        if (!places.rest(now)) {
            leave();
        }
    }

    /// An attempt has waited in vain since then.
    void doubt(long sinceNanos) {
        if (!isLost) {
            pulse.doubt(sinceNanos, System.nanoTime());
        }
    }

    /// Whether the endpoint has ever said anything on it.
    boolean wasHeard() {
        return pulse.wasHeard();
    }

    /// Whether the connection has died, and not for what was asked on it then: it gave no sign of life when it was
    /// asked for one. `isUsed`: it had lived before; then it may have been dead already if nothing was heard since.
    boolean wasDead(boolean isUsed, long sinceNanos) {
        return pulse.isGone() || isUsed && !pulse.wasHeardSince(sinceNanos);
    }

    // ---- the end ----

    /// Takes no more attempts, and closes when nothing is under way.
    public void retire() {
        places.close();
        restIfFree();
    }

    private void leave() {
        places.close();
        framing.goAway(0, Http2Error.NO_ERROR);
        framing.channel().close();
    }

    @Override
    public boolean onStreamError(int streamId, @Nullable Http2Stream stream, StreamException wrong) {
        H2Attempt attempt = stream == null ? null : occupants.on(stream);
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
        places.close();
        framing.goAway(0, error);
        occupants.eachBehind(0, attempt -> attempt.broken(Fault.RESPONSE_MALFORMED, "broken connection", null));
        framing.channel().close();
    }

    /// The connection is no more: its place is free before its attempts look for another.
    private void lose() {
        if (!isLost) {
            isLost = true;
            places.end();
            pulse.end();
            if (pulse.isGone()) {
                LOG.atWarn().addKeyValue("endpoint", endpoint).log("an HTTP/2 connection is dead: no answer to PING");
            }
            endpoint.connectionClosed();
            owner.onLost(this);
            offers.end();
        }
    }

    @Override
    public void onClosed() {
        lose();
    }
}
