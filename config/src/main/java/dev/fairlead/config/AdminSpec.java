package dev.fairlead.config;

/// The admin listener.
public record AdminSpec(
        @Key(
                value = "Where the admin API listens. Whoever reaches it can change this process: keep it on loopback.",
                absent = "127.0.0.1:9090",
                form = Form.LISTEN_ADDRESS)
        Address address) {}
