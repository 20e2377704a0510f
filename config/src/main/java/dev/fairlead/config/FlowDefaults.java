package dev.fairlead.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// What is another default where a flow may outlive what is remembered of it: the upstreams of udp listeners, and
/// of tcp listeners that Linux carries, that say nothing of a balancer choose by the client's address and port. So a
/// flow stays when this process has forgotten it, and when another node gets its packets.
final class FlowDefaults {
    /// No load bound: it would make the choice depend on what else is under way.
    static final BalancerSpec BALANCER = new BalancerSpec(
            BalancerSpec.Algorithm.MAGLEV,
            new HashKeySpec(HashKeySpec.Part.SOURCE_ADDRESS_AND_PORT, null, null, null),
            0);

    private FlowDefaults() {}

    static Config in(Config config, Node root) {
        Map<String, UpstreamSpec> upstreams = new LinkedHashMap<>(config.upstreams());
        for (ListenerSpec listener : config.listeners().values()) {
            String upstream = upstream(listener);
            if (upstream != null) {
                upstreams.computeIfPresent(
                        upstream, (name, spec) -> isWritten(root, name) ? spec : spec.with(BALANCER));
            }
        }
        return new Config(
                config.listeners(),
                upstreams,
                config.admin(),
                config.accessLog(),
                config.resolver(),
                config.loops(),
                config.drainTimeout(),
                config.zone(),
                config.tests(),
                config.kernel(),
                config.cacheStore(),
                config.acme());
    }

    /// Of which it is another; null where it is not. `auto` is none, or the default would hang on the machine.
    private static @Nullable String upstream(ListenerSpec listener) {
        return switch (listener) {
            case UdpListenerSpec udp -> udp.upstream();
            case TcpListenerSpec tcp -> tcp.carrier().isLinux() ? tcp.upstream() : null;
            case HttpListenerSpec _ -> null;
        };
    }

    private static boolean isWritten(Node root, String upstream) {
        return YamlText.at(root, "/upstreams/" + YamlText.escaped(upstream)) instanceof MappingNode mapping
                && mapping.getValue().stream()
                        .map(NodeTuple::getKeyNode)
                        .anyMatch(key -> key instanceof ScalarNode word
                                && word.getValue().equals("balancer"));
    }
}
