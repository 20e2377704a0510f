package dev.fairlead.kernel.bpf;

/// Fields of `struct bpf_sock_addr`, of linux/bpf.h: where a socket is about to connect or to send to, or whose
/// datagram it got. They can be changed, each word of 4 bytes as a whole.
public final class SocketAddress {
    /// As on the wire.
    public static final Field IPV4 = new Field("user_ip4", 4, 4);

    public static final Field IPV6 = new Field("user_ip6", 8, 16);

    /// In network order.
    public static final Field PORT = new Field("user_port", 24, 4);

    public static final Field PROTOCOL = new Field("protocol", 36, 4);

    private SocketAddress() {}
}
