package dev.fairlead.net.tls;

import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.UpstreamTlsSpec;
import dev.fairlead.config.pem.Certificates;
import dev.fairlead.config.pem.Credential;
import dev.fairlead.net.Connector;
import dev.fairlead.net.Loop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS towards the endpoints of one upstream, as it was set up when its files were last read. Connections keep what
/// they began with. Made on the control thread.
public final class Origination {
    private static final AttributeKey<Origination> KEY = AttributeKey.valueOf(Origination.class, "origination");
    private static final AttributeKey<@Nullable String> NAME = AttributeKey.valueOf(Origination.class, "name");

    /// HTTP/2, as ALPN calls it (RFC 9113 §3.2).
    private static final String H2 = "h2";

    private final UpstreamTlsSpec spec;
    private final boolean isHttp2;
    private final SslContext context;

    private Origination(UpstreamTlsSpec spec, boolean isHttp2, SslContext context) {
        this.spec = spec;
        this.isHttp2 = isHttp2;
        this.context = context;
    }

    /// Reads the files. `isHttp2`: what is spoken is HTTP/2, and else HTTP/1.1.
    public static Origination of(UpstreamTlsSpec spec, boolean isHttp2) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(TlsProvider.best())
                .protocols(Policies.versions(spec.policy()))
                .ciphers(Policies.ciphers(spec.policy()), SupportedCipherSuiteFilter.INSTANCE)
                .endpointIdentificationAlgorithm(spec.verify() ? "HTTPS" : null)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        List.of(isHttp2 ? H2 : "http/1.1")));
        if (spec.serverName() != null) {
            builder.serverName(new SNIHostName(spec.serverName()));
        }
        if (!spec.verify()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else {
            builder.trustManager(EndpointTrust.of(spec.ca() == null ? null : Certificates.read(spec.ca())));
        }
        CertificateSpec own = spec.certificate();
        if (own != null) {
            Credential credential = own.read();
            builder.keyManager(credential.key(), credential.chain());
        }
        try {
            return new Origination(spec, isHttp2, builder.build());
        } catch (SSLException refused) {
            throw new IOException("TLS cannot be set up: " + refused.getMessage(), refused);
        }
    }

    public UpstreamTlsSpec spec() {
        return spec;
    }

    public boolean isHttp2() {
        return isHttp2;
    }

    /// Whether what the endpoint chose by ALPN will do. Of who chooses nothing, HTTP/1.1 is expected (RFC 9113 §3.2:
    /// HTTP/2 must be chosen).
    boolean accepts(@Nullable String chosen) {
        return !isHttp2 || H2.equals(chosen);
    }

    /// Connects to an endpoint and makes the handshake, within the time. Then `then` is in the pipeline behind TLS, and
    /// the future is done. That fails with what the connect or the handshake failed with; [TlsFailure#of] tells
    /// one from the other. `name` is what the certificate must have where the config says none; null: the address.
    /// Its loop only.
    public Future<Void> connect(
            Loop loop, InetSocketAddress to, @Nullable String name, int timeoutMillis, ChannelHandler then) {
        Promise<Void> done = loop.eventLoop().newPromise();
        // The handshake begins once the connection is there, and a reload may have come before.
        ReferenceCountUtil.retain(context);
        done.addListener(_ -> ReferenceCountUtil.release(context));
        Securing securing = new Securing(this, loop, to, name, timeoutMillis, then, done);
        Connector.connect(loop, to, timeoutMillis, false, securing).addListener(connected -> {
            if (!connected.isSuccess()) {
                done.tryFailure(connected.cause());
            }
        });
        return done;
    }

    SslHandler handler(Channel channel, InetSocketAddress to, @Nullable String found) {
        String name = spec.serverName() == null ? found : spec.serverName();
        String peer = name == null ? to.getAddress().getHostAddress() : name;
        return context.newHandler(channel.alloc(), peer, to.getPort());
    }

    /// How a connection to an endpoint is secured; null: not at all.
    public static @Nullable Origination of(Channel channel) {
        return channel.hasAttr(KEY) ? channel.attr(KEY).get() : null;
    }

    void attachTo(Channel channel, @Nullable String name) {
        channel.attr(KEY).set(this);
        channel.attr(NAME).set(name);
    }

    /// Whether a connection is secured by this, and was when its endpoint had this name. Null: it is not secured.
    @SuppressWarnings("ReferenceEquality") // What was read anew is another, though it says the same.
    public static boolean isBy(@Nullable Origination by, @Nullable String name, Channel channel) {
        return of(channel) == by
                && (by == null || Objects.equals(channel.attr(NAME).get(), name));
    }

    /// Whether the end of this connection may be that of somebody in between: TLS has not said that all was said
    /// (RFC 8446 §6.1). False in the clear, where nobody can tell.
    public static boolean isCut(Channel channel) {
        SslHandler handler = of(channel) == null ? null : channel.pipeline().get(SslHandler.class);
        return handler != null && !handler.sslCloseFuture().isSuccess();
    }

    /// No connection begins with it any more, on any loop; those that have begun go on.
    public void release() {
        ReferenceCountUtil.release(context);
    }
}
