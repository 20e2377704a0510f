package dev.fairlead.upstream;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.upstream.balance.Hash;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/// A client of Layer 4 that nobody has heard of yet, for whoever asks where it would go. With port 0 its port is not
/// known.
public record FlowClient(InetSocketAddress address) implements Choice {
    @Override
    public boolean hasTried(Endpoint endpoint) {
        return false;
    }

    @Override
    public boolean hasPort() {
        return address.getPort() != 0;
    }

    @Override
    public long hash(HashKey key) {
        InetAddress ip = address.getAddress();
        return switch (key) {
            case HashKey.SourceAddress _ -> Hash.of(ip);
            case HashKey.SourceAddressAndPort _ -> Hash.with(Hash.of(ip), address.getPort());
            case HashKey.Path _, HashKey.Header _, HashKey.Cookie _, HashKey.Query _ -> NO_KEY;
        };
    }

    /// What is asked of an upstream on sockets.
    public Forecast at(Upstream upstream, long nowNanos) {
        return new Forecast("socket", upstream, upstream.candidates(this, nowNanos), how(upstream));
    }

    private static String how(Upstream upstream) {
        BalancerSpec balancer = upstream.spec().balancer();
        String by = balancer.algorithm().name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (!balancer.algorithm().takesKey()) {
            return by;
        }
        boolean hasPort = HashKey.of(balancer.key()) instanceof HashKey.SourceAddressAndPort;
        return by + ": by the client's address" + (hasPort ? " and port" : "");
    }
}
