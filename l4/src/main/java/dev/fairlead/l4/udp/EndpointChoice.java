package dev.fairlead.l4.udp;

import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Why;
import dev.fairlead.upstream.balance.Hash;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How one loop chooses the endpoint for a new association; the same object for one after the other. What it returns
/// has begun on the endpoint and holds one of its connections.
final class EndpointChoice implements Choice {
    private final List<Endpoint> full = new ArrayList<>();
    private @Nullable InetSocketAddress source;
    private Why why = Why.BALANCER;

    @Override
    public boolean hasTried(Endpoint endpoint) {
        return !full.isEmpty() && full.contains(endpoint);
    }

    @Override
    public boolean hasFoundFull() {
        return !full.isEmpty();
    }

    @Override
    public long hash(HashKey key) {
        InetSocketAddress from = source;
        if (from == null) {
            return NO_KEY;
        }
        return switch (key) {
            case HashKey.SourceAddress _ -> Hash.of(from.getAddress());
            case HashKey.SourceAddressAndPort _ -> Hash.with(Hash.of(from.getAddress()), from.getPort());
            // No config gives a udp listener's upstream one of these.
            case HashKey.Path _, HashKey.Header _, HashKey.Cookie _, HashKey.Query _ -> NO_KEY;
        };
    }

    @Override
    public void chosenFor(Why reason) {
        why = reason;
    }

    /// Why the last pick took what it took.
    Why why() {
        return why;
    }

    /// The endpoint for a client, or null; then [#hasFoundFull] tells whether there would have been one.
    @Nullable
    Endpoint pick(Upstream upstream, InetSocketAddress client, long nowNanos) {
        source = client;
        full.clear();
        int attempts = upstream.spec().attempts();
        for (int i = 0; i < attempts; i++) {
            Endpoint chosen = upstream.pick(this, nowNanos);
            if (chosen == null || tryBegin(chosen)) {
                return chosen;
            }
            full.add(chosen);
        }
        return null;
    }

    /// Begins on this one, if it has room.
    static boolean tryBegin(Endpoint endpoint) {
        if (!endpoint.tryOpenConnection()) {
            return false;
        }
        if (endpoint.tryBegin()) {
            return true;
        }
        endpoint.connectionClosed();
        return false;
    }
}
