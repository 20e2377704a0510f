package dev.fairlead.net.tls;

import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// A connection to an endpoint until TLS stands on it. Its loop only.
final class Securing extends ChannelInboundHandlerAdapter {
    private final Origination origination;
    private final InetSocketAddress to;
    private final @Nullable String name;
    private final ChannelHandler then;
    private final Promise<Void> done;
    private final long untilNanos;
    private final Deadline deadline;
    private @Nullable ChannelHandlerContext context;
    private @Nullable SslHandler handler;

    Securing(
            Origination origination,
            Loop loop,
            InetSocketAddress to,
            @Nullable String name,
            int timeoutMillis,
            ChannelHandler then,
            Promise<Void> done) {
        this.origination = origination;
        this.to = to;
        this.name = name;
        this.then = then;
        this.done = done;
        this.untilNanos = System.nanoTime() + timeoutMillis * 1_000_000L;
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                fail(new ConnectTimeoutException("no TLS handshake in time"));
            }
        };
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        deadline.at(untilNanos);
        SslHandler made = origination.handler(active.channel(), to, name);
        made.setHandshakeTimeoutMillis(0);
        handler = made;
        active.pipeline().addBefore(active.name(), null, made);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext here, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent completion) || done.isDone()) {
            here.fireUserEventTriggered(event);
            return;
        }
        Throwable wrong = completion.isSuccess() ? invalid() : completion.cause();
        if (wrong != null) {
            fail(wrong);
            return;
        }
        deadline.end();
        SslHandler made = handler;
        assert made != null;
        made.sslCloseFuture().addListener(_ -> here.channel().close());
        origination.attachTo(here.channel(), name);
        here.pipeline().addLast(then);
        here.pipeline().remove(this);
        done.setSuccess(null);
    }

    /// What TLS itself finds nothing wrong with: a certificate that is itself among the trusted ones is not asked for
    /// its dates by whoever checks the chain.
    private @Nullable Exception invalid() {
        SslHandler made = handler;
        if (made == null || !origination.accepts(made.applicationProtocol())) {
            return new SSLHandshakeException("the endpoint does not speak HTTP/2");
        }
        if (!origination.spec().verify()) {
            return null;
        }
        try {
            if (made.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate certificate) {
                certificate.checkValidity();
            }
            return null;
        } catch (CertificateException | SSLPeerUnverifiedException invalid) {
            return invalid;
        }
    }

    private void fail(Throwable cause) {
        deadline.end();
        done.tryFailure(cause);
        if (context != null) {
            context.channel().close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext here) {
        fail(new ClosedChannelException());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
        fail(cause);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext here) {
        deadline.end();
    }
}
