package dev.fairlead.config;

/// What carries the bytes of a Layer 4 listener.
public enum Carrier {
    /// Two connections, joined by this process.
    SOCKET,
    /// Linux: one connection from client to endpoint, whose packets are given other addresses.
    KERNEL,
    /// Linux where it can, else this process; the log says which, and why.
    AUTO
}
