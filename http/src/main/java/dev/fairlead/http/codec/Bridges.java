package dev.fairlead.http.codec;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.net.Loop;
import java.time.Duration;

/// What the tunnels on a client's connection have in common.
public record Bridges(Loop loop, Service service, Tunnels tunnels, Duration idle) {
    /// `onOver`: what is to be given back when it ends.
    public Bridge between(Exchange exchange, TunnelSide client, TunnelSide server, Runnable onOver) {
        return new Bridge(loop, exchange, service, tunnels, client, server, onOver, idle.toNanos());
    }
}
