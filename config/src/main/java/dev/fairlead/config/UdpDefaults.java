package dev.fairlead.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// What is another default where datagrams are balanced: the upstreams of udp listeners that say nothing of a
/// balancer choose by the client's address and port, so that nothing has to be remembered for a flow to stay.
final class UdpDefaults {
    /// No load bound: it would make the choice depend on what else is under way.
    static final BalancerSpec BALANCER = new BalancerSpec(
            BalancerSpec.Algorithm.MAGLEV,
            new HashKeySpec(HashKeySpec.Part.SOURCE_ADDRESS_AND_PORT, null, null, null),
            0);

    private UdpDefaults() {}

    static Config in(Config config, Node root) {
        Map<String, UpstreamSpec> upstreams = new LinkedHashMap<>(config.upstreams());
        for (ListenerSpec listener : config.listeners().values()) {
            if (listener instanceof UdpListenerSpec udp) {
                upstreams.computeIfPresent(
                        udp.upstream(), (name, spec) -> isWritten(root, name) ? spec : spec.with(BALANCER));
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

    private static boolean isWritten(Node root, String upstream) {
        return YamlText.at(root, "/upstreams/" + YamlText.escaped(upstream)) instanceof MappingNode mapping
                && mapping.getValue().stream()
                        .map(NodeTuple::getKeyNode)
                        .anyMatch(key -> key instanceof ScalarNode word
                                && word.getValue().equals("balancer"));
    }
}
