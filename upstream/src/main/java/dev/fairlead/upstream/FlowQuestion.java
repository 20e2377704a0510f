package dev.fairlead.upstream;

import dev.fairlead.config.Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which live flows are asked for: the first `count` in this order, of this client. Null: of all clients; with port 0,
/// of all ports of its address.
public record FlowQuestion(
        FlowOrder order, int count, @Nullable Address client) {
    /// Asked before a flow is shown: most are let go unseen where one client is asked for.
    public boolean concerns(InetSocketAddress flowClient) {
        return client == null
                || (client.ip().equals(flowClient.getAddress())
                        && (client.port() == 0 || client.port() == flowClient.getPort()));
    }

    /// The first of these.
    public List<LiveFlow> first(Stream<LiveFlow> flows) {
        return flows.sorted(order.order()).limit(count).toList();
    }
}
