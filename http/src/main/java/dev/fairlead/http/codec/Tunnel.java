package dev.fairlead.http.codec;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.l4.Relay;
import dev.fairlead.l4.RelayEnd;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// An exchange whose two connections have left HTTP behind (status 101): bytes go both ways through a [Relay] until
/// one side ends. The exchange ends with it, and the endpoint has it on itself until then. Its loop only.
final class Tunnel implements Relay.Owner {
    private final Exchange exchange;
    private final Service service;
    private final Tunnels tunnels;
    private final Runnable onOver;
    private @Nullable Relay relay;
    private boolean ended;

    /// `onOver`: what is to be given back when it ends.
    Tunnel(Exchange exchange, Service service, Tunnels tunnels, Runnable onOver) {
        this.exchange = exchange;
        this.service = service;
        this.tunnels = tunnels;
        this.onOver = onOver;
    }

    /// Begins. Both channels are without a handler, and the buffers are what was read of them already.
    void join(
            Loop loop,
            DuplexChannel downstream,
            DuplexChannel upstream,
            @Nullable ByteBuf fromDownstream,
            @Nullable ByteBuf fromUpstream,
            long idleNanos) {
        tunnels.onOpened();
        Endpoint endpoint = exchange.endpoint();
        assert endpoint != null : "it has answered 101";
        relay = Relay.join(
                loop, downstream, upstream, fromDownstream, fromUpstream, tunnels.terms(endpoint, idleNanos), this);
    }

    /// Ends it, whatever is under way.
    void cut() {
        if (relay != null) {
            relay.cut();
        }
    }

    @Override
    public void onRelayEnded(Relay over, RelayEnd end) {
        if (ended) {
            return;
        }
        ended = true;
        onOver.run();
        exchange.received(over.bytesIn());
        exchange.sent(over.bytesOut());
        exchange.tunnelEnded(Tunnels.word(end));
        service.ended(exchange, System.nanoTime());
        // Last: a tunnel that is no longer counted is in the log.
        tunnels.onEnded();
    }
}
