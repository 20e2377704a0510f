package dev.fairlead.config;

import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Whether what is said of clients fits together: who may connect to a listener, and what endpoints are told of
/// them. Problems are told by their path.
final class ClientChecks {
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    ClientChecks(BiConsumer<String, String> error) {
        this.error = error;
    }

    void listener(@Nullable ProxyProtocolInSpec proxied, @Nullable ClientsSpec clients, String listenerPath) {
        if (proxied != null && proxied.from().isEmpty()) {
            error.accept(listenerPath + "/proxy-protocol", "`from` is empty: no proxy would be believed");
        }
        if (clients != null) {
            burst(clients.perAddress(), listenerPath + "/clients/per-address");
            burst(clients.perPrefix(), listenerPath + "/clients/per-prefix");
        }
    }

    private void burst(ClientLimits limits, String path) {
        if (limits.burst() > 0 && limits.rate() == 0) {
            error.accept(path + "/burst", "`burst` means nothing without `rate`");
        }
    }

    void told(UpstreamSpec upstream) {
        ProxyProtocolOutSpec spec = upstream.proxyProtocol();
        if (spec == null || spec.version() == ProxyVersion.V2) {
            return;
        }
        String path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/proxy-protocol";
        if (spec.uniqueId()) {
            error.accept(path + "/unique-id", "version 1 has no room for `unique-id`: use `version: v2`");
        }
        if (spec.crc32c()) {
            error.accept(path + "/crc32c", "version 1 has no room for `crc32c`: use `version: v2`");
        }
    }

    /// A header speaks for a whole connection, and those of Layer 7 carry the requests of many clients.
    void http(HttpListenerSpec listener, List<UpstreamSpec> upstreams) {
        for (UpstreamSpec upstream : upstreams) {
            if (upstream.proxyProtocol() != null) {
                error.accept(
                        "/upstreams/" + YamlText.escaped(upstream.name()) + "/proxy-protocol",
                        "clients share connections at Layer 7, and the http listener `" + listener.name()
                                + "` uses the upstream: its endpoints are told the client by `Forwarded`");
            }
        }
    }
}
