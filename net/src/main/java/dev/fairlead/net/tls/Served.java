package dev.fairlead.net.tls;

import dev.fairlead.config.pem.Credential;
import dev.fairlead.net.ocsp.Stapled;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One certificate as a listener serves it. The context is native memory: [#release] it when no handshake can begin
/// with it any more; connections keep their own hold of it.
final class Served {
    private final SslContext context;
    private final Credential credential;
    private final Set<String> hosts;

    private final boolean tickets;
    private final @Nullable QuicSslContext quic;
    private final @Nullable Stapled stapled;

    /// `tickets`: whether it gives them out and takes them. `quic`: for connections of QUIC; null: there are none.
    /// `stapled`: what the context was made for; null: nothing.
    Served(
            SslContext context,
            Credential credential,
            boolean tickets,
            @Nullable QuicSslContext quic,
            @Nullable Stapled stapled) {
        this.stapled = stapled;
        this.context = context;
        this.quic = quic;
        this.tickets = tickets;
        this.credential = credential;
        this.hosts = credential.hosts();
    }

    SslContext context() {
        return context;
    }

    /// For a new connection of QUIC.
    @Nullable
    QuicSslContext quic() {
        return quic;
    }

    /// For a new connection.
    SslHandler handler(ByteBufAllocator buffers) {
        SslHandler handler = context.newHandler(buffers);
        if (handler.engine() instanceof ReferenceCountedOpenSslEngine ours) {
            if (!tickets) {
                SSL.setOptions(ours.sslPointer(), SSL.SSL_OP_NO_TICKET);
            }
            byte[] response = stapled == null ? null : stapled.response();
            if (response != null) {
                ours.setOcspResponse(response);
            }
        }
        return handler;
    }

    Credential credential() {
        return credential;
    }

    Set<String> hosts() {
        return hosts;
    }

    /// Whether the certificate is for this host, given without a port. RFC 9525 §6.3: a wildcard is the whole first
    /// label, and stands for one label.
    boolean isFor(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (hosts.contains(lower)) {
            return true;
        }
        int dot = lower.indexOf('.');
        return dot > 0 && hosts.contains("*" + lower.substring(dot));
    }

    void release() {
        ReferenceCountUtil.release(context);
    }
}
