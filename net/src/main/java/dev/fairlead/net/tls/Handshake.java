package dev.fairlead.net.tls;

import dev.fairlead.config.TlsSpec;
import dev.fairlead.net.Arrivals;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Gathering;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Resets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.internal.tcnative.SSL;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection until TLS stands on it: the hello is gathered and looked at, the certificate is chosen by it, and the
/// handshake made. Then the [Arrivals] hear of it, and this handler is gone. Its loop only.
final class Handshake extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

    /// A fatal alert `unrecognized_name`, in the clear (RFC 8446 §6, RFC 6066 §3).
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

    private static final String TLS_13 = "TLSv1.3";

    private final ServedNames names;
    private final Issuer issuer;
    private final TlsSpec spec;
    private final TlsMetrics metrics;
    private final Loop loop;
    private final SocketChannel channel;
    private final Arrivals arrivals;
    private final ClientHelloReader reader;
    private final Gathering gathering = new Gathering();
    private final Deadline deadline;
    private final long startNanos = System.nanoTime();

    private @Nullable Served served;
    private @Nullable SslHandler handler;
    private boolean over;

    Handshake(
            ServedNames names, Issuer issuer, TlsMetrics metrics, Loop loop, SocketChannel channel, Arrivals arrivals) {
        this.names = names;
        this.issuer = issuer;
        this.spec = names.spec();
        this.metrics = metrics;
        this.loop = loop;
        this.channel = channel;
        this.arrivals = arrivals;
        this.reader = new ClientHelloReader(spec.helloBytes());
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                Handshake.this.end(HandshakeFailure.TIMEOUT);
            }
        };
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        deadline.at(startNanos + spec.handshakeTimeout().toNanos());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        ByteBuf in = gathering.add((ByteBuf) message);
        if (over) {
            return;
        }
        switch (reader.peek(in)) {
            case MORE -> {}
            case NOT_TLS -> end(HandshakeFailure.NOT_TLS);
            case MALFORMED -> end(HandshakeFailure.MALFORMED);
            case WHOLE -> answer(context, reader.hello());
        }
    }

    private void answer(ChannelHandlerContext context, ClientHello hello) throws Exception {
        SslContext proof = issuer.proof(hello);
        if (proof != null) {
            secure(context, proof.newHandler(channel.alloc()));
            return;
        }
        Served chosen = names.choose(hello);
        if (chosen == null) {
            over = true;
            deadline.end();
            metrics.failed(names.isEmpty() ? HandshakeFailure.NO_CERTIFICATE : HandshakeFailure.UNKNOWN_NAME);
            channel.writeAndFlush(Unpooled.wrappedBuffer(UNRECOGNIZED_NAME)).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        served = chosen;
        secure(context, chosen.handler(channel.alloc()));
    }

    private void secure(ChannelHandlerContext context, SslHandler made) throws Exception {
        made.setHandshakeTimeoutMillis(0);
        handler = made;
        channel.pipeline().addBefore(context.name(), null, made);
        ByteBuf first = gathering.take();
        assert first != null;
        made.channelRead(channel.pipeline().context(made), first);
        // Whoever reads the channel tells the end of this read to the handler that was not there when it began.
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent completion) || over) {
            context.fireUserEventTriggered(event);
        } else if (completion.isSuccess()) {
            complete(context);
        } else {
            fail(completion.cause());
        }
    }

    private void complete(ChannelHandlerContext context) {
        SslHandler made = handler;
        Served chosen = served;
        assert made != null;
        over = true;
        deadline.end();
        if (chosen == null) {
            // RFC 8737 §3: the authority has seen what it wanted, and nothing may be exchanged.
            issuer.proven();
            channel.close();
            return;
        }
        SSLEngine engine = made.engine();
        SSLSession session = engine.getSession();
        boolean is13 = session.getProtocol().equals(TLS_13);
        metrics.completed(is13, isResumed(engine), System.nanoTime() - startNanos);
        X509Certificate client = spec.clientCertificates() == null ? null : clientCertificate(session);
        new TlsSession(
                        names,
                        chosen,
                        reader.hello().sni(),
                        session.getProtocol(),
                        session.getCipherSuite(),
                        made.applicationProtocol(),
                        client)
                .attachTo(channel);
        // Nobody of HTTP goes on listening once it has said that it is done.
        made.sslCloseFuture().addListener(_ -> channel.close());
        arrivals.onArrived(loop, channel);
        context.fireChannelActive();
        channel.pipeline().remove(this);
    }

    private static boolean isResumed(SSLEngine engine) {
        return engine instanceof ReferenceCountedOpenSslEngine ours && SSL.isSessionReused(ours.sslPointer());
    }

    static @Nullable X509Certificate clientCertificate(SSLSession session) {
        try {
            Certificate[] shown = session.getPeerCertificates();
            return shown.length > 0 && shown[0] instanceof X509Certificate certificate ? certificate : null;
        } catch (SSLPeerUnverifiedException none) {
            return null;
        }
    }

    private void fail(Throwable cause) {
        over = true;
        deadline.end();
        HandshakeFailure failure = HandshakeFailure.of(cause);
        metrics.failed(failure);
        LOG.atDebug()
                .addKeyValue("client", channel.remoteAddress())
                .addKeyValue("failure", failure.label())
                .addKeyValue("reason", cause.getMessage())
                .log("TLS handshake failed");
        channel.close();
    }

    private void end(HandshakeFailure failure) {
        if (!over) {
            over = true;
            deadline.end();
            metrics.failed(failure);
            Resets.close(channel);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(HandshakeFailure.LEFT);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // What the engine threw has come as an event before.
        end(HandshakeFailure.LEFT);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        deadline.end();
        gathering.release();
    }
}
