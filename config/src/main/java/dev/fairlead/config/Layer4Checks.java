package dev.fairlead.config;

import java.util.function.BiConsumer;

/// Whether an upstream fits a listener that never looks at the content: a flow has no header to choose by, and how
/// long it takes says nothing of the endpoint.
final class Layer4Checks {
    private final ListenerSpec listener;
    private final String user;
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    Layer4Checks(String protocol, ListenerSpec listener, BiConsumer<String, String> error) {
        this.listener = listener;
        this.user = "the " + protocol + " listener `" + listener.name() + "` uses the upstream";
        this.error = error;
    }

    void run(UpstreamSpec upstream) {
        String at = "/upstreams/" + YamlText.escaped(upstream.name());
        HashKeySpec key = upstream.balancer().key();
        if (key != null && key.given().size() == 1 && key.isHttpOnly()) {
            error.accept(at + "/balancer/key", "only requests have this key, and " + user + ": use `source-address`");
        }
        if (upstream.adaptiveConcurrency() != null) {
            error.accept(at + "/adaptive-concurrency", "only requests have a latency to learn from, and " + user);
        }
        if (upstream.tls() != null) {
            error.accept(at + "/tls", "bytes of Layer 4 are passed on as they come, and " + user);
        }
        if (upstream.http2() != null) {
            error.accept(at + "/http2", "bytes of Layer 4 are passed on as they come, and " + user);
        }
        new PortChecks(error).flows(listener, upstream);
        new StickyChecks(upstream, error).layer4(user);
        new SubsetChecks(upstream, error).layer4(user);
    }
}
