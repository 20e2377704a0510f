package dev.fairlead.net.probe;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/// Asks for a TLS handshake.
record TlsQuestion(TlsClient tls) implements Question {
    @Override
    public void ask(Channel channel, InetSocketAddress to, Finding finding) {
        tls.handshake(channel, to, finding, () -> finding.good("handshake completed"));
    }
}
