package dev.fairlead.net.quic;

import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.pem.HexKey;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Acceptor;
import dev.fairlead.net.Datagrams;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.tls.Termination;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicCodecDispatcher;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts the QUIC connections of one listener (RFC 9000), on every loop at once: each has a UDP socket of its
/// own on the same address (`SO_REUSEPORT`). The kernel keeps a client's port on one of them, and the connection
/// lives on that loop. A client that has changed its port or network comes to another; the ids that we give out
/// have the loop's number in them, by which the packet finds home.
///
/// Connections count as those of the [Acceptor], and the same is asked of their clients.
public final class QuicAcceptor {
    private static final Logger LOG = LoggerFactory.getLogger(QuicAcceptor.class);

    /// Nothing heard for so long: the client is gone, with no word, as phones go. Translators of addresses forget
    /// UDP after as long.
    private static final long IDLE_SECONDS = 30;
    /// What every path of the Internet is known to carry, and what browsers send.
    private static final long PACKET_BYTES = 1350;
    /// Control, and QPACK's two (RFC 9114 §6.2); the rest is for what nobody knows.
    private static final long UNIDIRECTIONAL = 8;
    private static final long UNIDIRECTIONAL_BYTES = 16 << 10;
    /// For a client that changes networks (RFC 9000 §5.1.1), and as many ways to it are kept in mind.
    private static final long IDS = 16;

    // immutable
    private final Loops loops;
    private final Acceptor acceptor;
    private final Supplier<@Nullable Termination> tls;
    private final QuicArrivals arrivals;
    private final RetryTokens tokens;
    private final long owner;
    private final Counter resetsSent;
    private final Counter resetsHeld;
    private final Dispatch dispatch = new Dispatch();

    // before the first connection
    private @Nullable ResetTokens resets;

    // under this
    private final List<DatagramChannel> sockets = new ArrayList<>();
    private boolean closed;

    // any thread
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private volatile Http3Spec spec;
    private volatile boolean draining;

    /// Whoever is in `arrivals` hears of a connection when TLS stands on it, on its loop.
    public QuicAcceptor(
            Loops loops,
            Acceptor acceptor,
            Http3Spec spec,
            Supplier<@Nullable Termination> tls,
            QuicArrivals arrivals,
            String listener,
            Metrics metrics) {
        this.loops = loops;
        this.owner = ConnectionIds.newOwner(loops.process());
        this.acceptor = acceptor;
        this.spec = spec;
        this.tls = tls;
        this.arrivals = arrivals;
        this.resetsSent = metrics.counter(Metric.HTTP3_STATELESS_RESETS, listener, "sent");
        this.resetsHeld = metrics.counter(Metric.HTTP3_STATELESS_RESETS, listener, "held");
        this.tokens = new RetryTokens(() -> acceptor.wantsProof() || handshakes.get() >= this.spec.retryAbove());
    }

    /// Binds one more address. Throws when it cannot be had, or the codec's native code cannot be loaded; then nothing
    /// of it is left behind. Nothing when it is closed. Control thread; blocks shortly.
    public synchronized void bind(InetSocketAddress address) throws IOException {
        if (!Quic.isAvailable()) {
            throw new IOException("HTTP/3 cannot be spoken on this machine", Quic.unavailabilityCause());
        }
        if (closed) {
            return;
        }
        if (sockets.isEmpty()) {
            String keyFile = spec.resetKeyFile();
            resets = keyFile == null ? null : ResetTokens.of(HexKey.read(keyFile));
        }
        sockets.addAll(Datagrams.bindOnEveryLoop(loops, address, dispatch));
    }

    /// Closes the sockets of one address, and with them its connections.
    public synchronized void release(InetSocketAddress address) {
        List<DatagramChannel> its = sockets.stream()
                .filter(socket -> address.equals(socket.localAddress()))
                .toList();
        its.forEach(socket -> socket.eventLoop().execute(socket::close));
        sockets.removeAll(its);
    }

    /// Lets nobody in any more. Who is in stays, and the sockets with them. False: that was so before.
    public synchronized boolean drain() {
        boolean before = draining;
        draining = true;
        return !before;
    }

    /// Lets clients in again, or on, as the spec now says; what it says of `streams`, `window` and the key of resets is
    /// of use when the sockets are bound, and not again. False: they are closed.
    public synchronized boolean resume(Http3Spec changed) {
        if (closed) {
            return false;
        }
        if (changed.streams() != spec.streams()
                || changed.window() != spec.window()
                || !Objects.equals(changed.resetKeyFile(), spec.resetKeyFile())) {
            LOG.atWarn()
                    .addKeyValue("address", sockets.getFirst().localAddress())
                    .log(
                            "`streams`, `window` and `reset-key-file` of HTTP/3 stay as they were until the listener is bound anew");
        }
        spec = changed;
        draining = false;
        return true;
    }

    /// Closes the sockets when all have left.
    public synchronized void look() {
        if (draining && open.get() == 0) {
            close();
        }
    }

    /// Closes the sockets, and with them every connection.
    public synchronized void close() {
        draining = true;
        closed = true;
        // What the loops have been told to send before is sent.
        sockets.forEach(socket -> socket.eventLoop().execute(socket::close));
        sockets.clear();
    }

    private final class Dispatch extends QuicCodecDispatcher {
        Dispatch() {
            super(ConnectionIds.LENGTH);
        }

        @Override
        protected QuicConnectionIdGenerator newIdGenerator(int index) {
            ResetTokens known = resets;
            return new ConnectionIds(index, owner, known == null ? null : new FirstToken(known));
        }

        @Override
        protected void initChannel(Channel socket, int idLength, QuicConnectionIdGenerator generator) {
            Loop loop = loops.of(socket.eventLoop());
            var ids = (ConnectionIds) generator;
            QuicServerCodecBuilder builder = builder(loop, ids);
            ResetTokens known = resets;
            if (known != null) {
                builder.resetTokenGenerator(known);
                socket.pipeline().addLast(new StatelessResets(loops.process(), known, resetsSent, resetsHeld));
            }
            ChannelHandler codec = builder.build();
            ids.with(codec);
            socket.pipeline().addLast(codec);
        }
    }

    private QuicServerCodecBuilder builder(Loop loop, ConnectionIds ids) {
        return new QuicServerCodecBuilder()
                .localConnectionIdLength(ConnectionIds.LENGTH)
                .connectionIdAddressGenerator(ids)
                .activeConnectionIdLimit(IDS)
                .tokenHandler(tokens.on(ids))
                .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
                .maxRecvUdpPayloadSize(Datagrams.PACKET_BYTES_MAX)
                .maxSendUdpPayloadSize(PACKET_BYTES)
                // A slow upload stalls no other.
                .initialMaxData((long) spec.streams() * spec.window())
                .initialMaxStreamDataBidirectionalRemote(spec.window())
                .initialMaxStreamsBidirectional(spec.streams())
                .initialMaxStreamsUnidirectional(UNIDIRECTIONAL)
                .initialMaxStreamDataUnidirectional(UNIDIRECTIONAL_BYTES)
                .activeMigration(true)
                .sslEngineProvider(channel -> begin(loop, channel))
                .handler(new Nothing());
    }

    /// The codec wants a handler before the connection has its own.
    @ChannelHandler.Sharable
    private static final class Nothing extends ChannelInboundHandlerAdapter {}

    /// A client's first packet has come. Null: it is as if it had not, which is how the codec takes it.
    @SuppressWarnings("NullAway")
    private QuicSslEngine begin(Loop loop, QuicChannel channel) {
        Termination secured = tls.get();
        InetSocketAddress client = (InetSocketAddress) channel.remoteSocketAddress();
        Runnable onLeft = draining || secured == null || client == null ? null : acceptor.tryEnter(client);
        if (onLeft == null || secured == null || client == null) {
            return null;
        }
        var handshake = new Handshaking();
        open.incrementAndGet();
        channel.closeFuture().addListener(_ -> {
            open.decrementAndGet();
            handshake.end();
            onLeft.run();
        });
        return secured.beginQuic(loop, channel, known -> {
            handshake.end();
            arrivals.onArrived(loop, known, client);
        });
    }

    /// One that is under way. Its loop only.
    private final class Handshaking {
        private boolean over;

        Handshaking() {
            handshakes.incrementAndGet();
        }

        void end() {
            if (!over) {
                over = true;
                handshakes.decrementAndGet();
            }
        }
    }
}
