package dev.fairlead.net.probe;

import dev.fairlead.config.Address;
import dev.fairlead.config.GrpcProbeSpec;
import dev.fairlead.config.HttpProbeSpec;
import dev.fairlead.config.ProbeSpec;
import dev.fairlead.config.TcpProbeSpec;
import dev.fairlead.config.TlsProbeSpec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What a probe asks once it is connected. Made on the control thread, once for all endpoints of an upstream; then
/// immutable, and asked on any loop.
sealed interface Question permits TcpQuestion, TlsQuestion, HttpQuestion, GrpcQuestion {
    /// Fails when the certificates cannot be read. Reads files.
    static Question of(ProbeSpec spec) throws IOException {
        return switch (spec) {
            case TcpProbeSpec _ -> new TcpQuestion();
            case TlsProbeSpec tls -> new TlsQuestion(TlsClient.of(tls.trust(), null));
            case HttpProbeSpec http -> HttpQuestion.of(http);
            case GrpcProbeSpec grpc -> GrpcQuestion.of(grpc);
        };
    }

    /// Asks, on the connection's loop. Never waits; an end or a fault of the connection that it does not tell
    /// itself is told by the last handler.
    void ask(Channel channel, InetSocketAddress to, Finding finding);

    /// Adds a question's handlers, in order, before the last one, which is the probe's.
    static void add(Channel channel, ChannelHandler... handlers) {
        String last = channel.pipeline().lastContext().name();
        for (ChannelHandler handler : handlers) {
            channel.pipeline().addBefore(last, null, handler);
        }
    }

    /// The host named in a request: the config's, or the address that is probed.
    static String host(@Nullable String given, InetSocketAddress to) {
        return given == null ? new Address(to.getAddress(), to.getPort()).toString() : given;
    }
}
