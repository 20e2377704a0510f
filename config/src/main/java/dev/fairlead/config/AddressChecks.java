package dev.fairlead.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Whether every listener can have its addresses: none is another's, and there are not too many. Problems are told by
/// their path.
final class AddressChecks {
    private final Config config;
    private final Node root;
    private final BiConsumer<String, String> error;

    // Ports of UDP and of TCP have nothing to do with each other.
    private final Map<Integer, List<Taken>> byPort = new HashMap<>();
    private final List<Taken> wide = new ArrayList<>();

    private record Taken(AddressRange range, boolean isUdp, String path, String who) {
        int kind() {
            return isUdp ? -range.firstPort() : range.firstPort();
        }

        boolean isWide() {
            return range.ports() > 1;
        }

        boolean clashesWith(Taken other) {
            return isUdp == other.isUdp && range.clashesWith(other.range);
        }
    }

    AddressChecks(Config config, Node root, BiConsumer<String, String> error) {
        this.config = config;
        this.root = root;
        this.error = error;
    }

    void run() {
        take(new Taken(AddressRange.of(config.admin().address()), false, "/admin/address", "the admin listener"));
        config.listeners().values().forEach(this::listener);
    }

    private void listener(ListenerSpec listener) {
        String path = "/listeners/" + YamlText.escaped(listener.name()) + "/address";
        boolean isAlone = YamlText.at(root, path) instanceof ScalarNode;
        boolean isUdp = listener instanceof UdpListenerSpec;
        String who = "the listener `" + listener.name() + "`";
        int ports = 0;
        for (int i = 0; i < listener.addresses().size(); i++) {
            AddressRange range = listener.addresses().get(i);
            String at = isAlone ? path : path + "/" + i;
            ports += range.ports();
            if (listener.addresses().subList(0, i).contains(range)) {
                error.accept(at, "`" + range + "` stands twice");
                continue;
            }
            take(new Taken(range, isUdp, at, who));
            if (listener instanceof HttpListenerSpec http && http.http3() != null) {
                take(new Taken(range, true, at, who + ", which speaks HTTP/3"));
            }
        }
        Carrier carrier = KernelFit.carrier(listener);
        boolean isOnSockets = carrier == null || !carrier.isLinux();
        if (isOnSockets && ports > ListenerSpec.SOCKETS_MAX) {
            error.accept(
                    path,
                    "these are " + ports + " ports, and a listener on sockets has at most " + ListenerSpec.SOCKETS_MAX
                            + ": each is a socket on every loop");
        }
    }

    private void take(Taken next) {
        Taken other = before(next);
        if (other != null) {
            error.accept(next.path, "this address is taken by " + other.who + place(other.path));
        }
        if (next.isWide()) {
            wide.add(next);
        } else {
            byPort.computeIfAbsent(next.kind(), _ -> new ArrayList<>()).add(next);
        }
    }

    private @Nullable Taken before(Taken next) {
        for (Taken each : wide) {
            if (next.clashesWith(each)) {
                return each;
            }
        }
        for (int port = next.range.firstPort(); port <= next.range.lastPort(); port++) {
            for (Taken each : byPort.getOrDefault(next.isUdp ? -port : port, List.of())) {
                if (next.clashesWith(each)) {
                    return each;
                }
            }
        }
        return null;
    }

    private String place(String path) {
        return YamlText.at(root, path) instanceof ScalarNode
                ? ", on line " + Checks.line(path, root)
                : " (its default; set `admin: {address: ...}`)";
    }
}
