package dev.fairlead.config;

import java.time.Duration;

/// A Layer 4 listener: bytes are passed on as they come and never looked at.
@Kind(
        key = "protocol",
        word = "tcp",
        doc = "Layer 4: every connection goes to one endpoint, its content is never looked at.")
public record TcpListenerSpec(
        @Key(value = "The name of the listener.", isName = true)
        String name,

        @Key(
                value = "IP address and port to accept on; `*` for every address.",
                example = "*:5432",
                form = Form.LISTEN_ADDRESS)
        Address address,

        @Key(value = "The upstream that takes the connections.", example = "databases", form = Form.NAME)
        String upstream,

        @Key(
                value =
                        "Connections open at once. Those above it wait in the kernel's accept queue. 10000 fits the descriptors a service commonly has (two each).",
                absent = "10000",
                min = "1",
                max = "10000000")
        int maxConnections,

        @Key(
                value =
                        "A flow without a byte in either direction for this long is closed. 10m outlives the keep-alives of common clients.",
                absent = "10m",
                min = "100ms",
                max = "7d")
        Duration idleTimeout,

        @Key(value = "How its flows are held.", inline = true)
        FlowSpec flows)
        implements ListenerSpec {

    /// A listener with the defaults of its flows.
    public TcpListenerSpec(String name, Address address, String upstream, int maxConnections, Duration idleTimeout) {
        this(name, address, upstream, maxConnections, idleTimeout, FlowSpec.DEFAULT);
    }
}
