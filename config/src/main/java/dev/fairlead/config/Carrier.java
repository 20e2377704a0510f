package dev.fairlead.config;

import java.util.Locale;

/// What carries the bytes of a Layer 4 listener.
public enum Carrier {
    /// Two connections, joined by this process.
    SOCKET,
    /// Linux: one connection from client to endpoint, whose packets are given other addresses. In the first of the
    /// two ways that works here.
    KERNEL,
    /// Linux where it can, else this process; the log says which, and why.
    AUTO,
    /// Linux, by a program of our own.
    EBPF,
    /// Linux, by nftables and its conntrack.
    NFT;

    /// As the config calls it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether it is Linux and nothing else.
    public boolean isLinux() {
        return switch (this) {
            case KERNEL, EBPF, NFT -> true;
            case SOCKET, AUTO -> false;
        };
    }
}
