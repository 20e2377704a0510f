package dev.fairlead.net.tls;

import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Locale;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A QUIC connection until TLS stands on it, which the codec does by itself. Then somebody hears of it, and this
/// handler is gone. Its loop only.
final class QuicHandshake extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(QuicHandshake.class);

    private final ServedNames names;
    private final TlsMetrics metrics;
    private final QuicChannel channel;
    private final Consumer<QuicChannel> then;
    private final Deadline deadline;
    private final long startNanos = System.nanoTime();

    private @Nullable String sni;
    private boolean over;

    QuicHandshake(ServedNames names, TlsMetrics metrics, Loop loop, QuicChannel channel, Consumer<QuicChannel> then) {
        this.names = names;
        this.metrics = metrics;
        this.channel = channel;
        this.then = then;
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                QuicHandshake.this.end(HandshakeFailure.TIMEOUT);
                channel.close();
            }
        };
        deadline.at(startNanos + names.spec().handshakeTimeout().toNanos());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SniCompletionEvent named) {
            String asked = named.hostname();
            sni = asked == null ? null : asked.toLowerCase(Locale.ROOT);
        } else if (event instanceof SslHandshakeCompletionEvent completion && !over) {
            if (completion.isSuccess()) {
                complete(context);
            } else {
                fail(completion.cause());
            }
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    private void complete(ChannelHandlerContext context) {
        SSLEngine engine = channel.sslEngine();
        Served chosen = names.choose(ServedNames.ofQuic(sni));
        if (engine == null || chosen == null) {
            end(HandshakeFailure.UNKNOWN_NAME);
            channel.close();
            return;
        }
        over = true;
        deadline.end();
        SSLSession session = engine.getSession();
        // Whether it was resumed the codec does not say.
        metrics.completed(true, false, System.nanoTime() - startNanos);
        new TlsSession(
                        names,
                        chosen,
                        sni,
                        session.getProtocol(),
                        session.getCipherSuite(),
                        engine.getApplicationProtocol(),
                        names.spec().clientCertificates() == null ? null : Handshake.clientCertificate(session))
                .attachTo(channel);
        then.accept(channel);
        context.pipeline().remove(this);
    }

    private void fail(Throwable cause) {
        HandshakeFailure failure = HandshakeFailure.of(cause);
        LOG.atDebug()
                .addKeyValue("client", channel.remoteSocketAddress())
                .addKeyValue("failure", failure.label())
                .addKeyValue("reason", cause.getMessage())
                .log("TLS handshake failed");
        end(failure);
    }

    private void end(HandshakeFailure failure) {
        if (!over) {
            over = true;
            deadline.end();
            metrics.failed(failure);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(HandshakeFailure.LEFT);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // What the engine threw comes as an event besides; of anything else the codec ends the connection.
        LOG.atDebug()
                .addKeyValue("client", channel.remoteSocketAddress())
                .addKeyValue("reason", cause.getMessage())
                .log("QUIC connection failed in its handshake");
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        deadline.end();
    }
}
