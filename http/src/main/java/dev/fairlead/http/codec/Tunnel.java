package dev.fairlead.http.codec;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.l4.Relay;
import dev.fairlead.l4.RelayEnd;
import dev.fairlead.l4.RelayTerms;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// An exchange whose client's connection has left HTTP behind (status 101). With an endpoint's connection that has,
/// too,
/// bytes go both ways through a [Relay]; with a stream, through a [Bridge]. The exchange ends with it, and the endpoint
/// has it on itself until then. Its loop only.
final class Tunnel implements Relay.Owner {
    private final Exchange exchange;
    private final Service service;
    private final Tunnels tunnels;
    private final Runnable onOver;
    private @Nullable Relay relay;
    private @Nullable Bridge bridge;
    private boolean ended;

    /// `onOver`: what is to be given back when it ends.
    Tunnel(Exchange exchange, Service service, Tunnels tunnels, Runnable onOver) {
        this.exchange = exchange;
        this.service = service;
        this.tunnels = tunnels;
        this.onOver = onOver;
    }

    /// Begins. `client` is without a handler, and `read` is what was read of it already.
    void join(Loop loop, DuplexChannel client, @Nullable ByteBuf read, TunnelSide server, long idleNanos) {
        if (!(server instanceof ChannelSide bare)) {
            // What a stream is part of cannot be left to a relay.
            TunnelSide here = new ChannelSide(client, read);
            bridge = new Bridge(loop, exchange, service, tunnels, here, server, onOver, idleNanos);
            bridge.begin();
            return;
        }
        tunnels.onOpened();
        Endpoint endpoint = exchange.endpoint();
        assert endpoint != null : "it has answered 101";
        RelayTerms terms = tunnels.terms(endpoint, idleNanos);
        relay = Relay.join(loop, client, bare.channel(), read, bare.takeRest(), terms, this);
    }

    /// Ends it, whatever is under way.
    void cut() {
        if (relay != null) {
            relay.cut();
        }
        if (bridge != null) {
            bridge.cut("drained");
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
