package dev.fairlead.config;

import java.net.InetAddress;
import java.util.List;
import java.util.function.BiConsumer;

/// Whether an upstream whose endpoints keep the port that a client asked for is used only where there is such a port.
/// Problems are told by their path.
final class PortChecks {
    private static final String KEEP_PORT = "/discover/keep-port";

    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    PortChecks(BiConsumer<String, String> error) {
        this.error = error;
    }

    /// A request names a port too, but it is that of the service, and its connection has served other requests before.
    void http(HttpListenerSpec listener, List<UpstreamSpec> upstreams) {
        for (UpstreamSpec upstream : upstreams) {
            if (upstream.keepsPort()) {
                error.accept(
                        at(upstream) + (upstream.endpoints().isEmpty() ? KEEP_PORT : "/endpoints/0"),
                        first(upstream) + " keeps the port that a flow asked for, and the http listener `"
                                + listener.name() + "` uses the upstream: connections of Layer 7 are no flows");
            }
        }
    }

    /// An endpoint at the listener's own address would lead each flow back to it, without end. Behind a proxy the port
    /// may be another.
    void flows(ListenerSpec listener, UpstreamSpec upstream) {
        boolean isProxied = listener instanceof TcpListenerSpec tcp && tcp.proxyProtocol() != null;
        if (!upstream.keepsPort() || isProxied) {
            return;
        }
        for (int i = 0; i < upstream.endpoints().size(); i++) {
            if (upstream.endpoints().get(i).address() instanceof HostAddress host
                    && listener.addresses().stream().anyMatch(each -> isAt(each.ip(), host.ip()))) {
                error.accept(
                        at(upstream) + "/endpoints/" + i,
                        "`" + host + "` is where the listener `" + listener.name()
                                + "` accepts: each flow would come back to it, without end");
            }
        }
    }

    private static boolean isAt(InetAddress listener, InetAddress endpoint) {
        return listener.equals(endpoint) || listener.isAnyLocalAddress() && endpoint.isLoopbackAddress();
    }

    void upstream(UpstreamSpec upstream) {
        DiscoverSpec discover = upstream.discover();
        if (discover != null && discover.keepPort()) {
            fits(upstream, discover);
        }
        if (!upstream.keepsPort()) {
            return;
        }
        ProbeSpec probe = upstream.probe();
        if (probe != null && probe.port() == 0) {
            error.accept(
                    at(upstream) + "/probe", first(upstream) + " has no port of its own: say which `port` is probed");
        }
        if (discover != null && discover.dnsSrv() != null) {
            error.accept(
                    at(upstream) + "/discover/dns-srv",
                    "SRV records name ports, and " + first(upstream) + " keeps the one that a flow asked for");
        }
    }

    private void fits(UpstreamSpec upstream, DiscoverSpec discover) {
        if (discover.file() == null) {
            error.accept(at(upstream) + KEEP_PORT, "there is no `file` whose endpoints could keep ports");
        } else if (!upstream.keepsPort()) {
            error.accept(
                    at(upstream) + "/endpoints/0",
                    first(upstream) + " has a port, and those in the file keep what a client asked for (`keep-port`)");
        }
    }

    private static String first(UpstreamSpec upstream) {
        return upstream.endpoints().isEmpty()
                ? "what is in the file"
                : "`" + upstream.endpoints().getFirst().address() + "`";
    }

    private static String at(UpstreamSpec upstream) {
        return "/upstreams/" + YamlText.escaped(upstream.name());
    }
}
