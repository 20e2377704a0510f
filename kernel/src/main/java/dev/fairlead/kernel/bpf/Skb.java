package dev.fairlead.kernel.bpf;

/// Fields of `struct __sk_buff`, of linux/bpf.h: a packet as Linux knows it.
public final class Skb {
    /// The length of the packet: of all that travels as one, where the card or Linux has joined segments.
    public static final Field LENGTH = new Field("len", 0, 4);

    /// 0 when it is for this host by its MAC address.
    public static final Field KIND = new Field("pkt_type", 4, 4);

    /// The EtherType, in network order.
    public static final Field PROTOCOL = new Field("protocol", 16, 4);

    /// Not 0 when it belongs to a virtual LAN: it comes by once more, on that LAN's own interface.
    public static final Field VLAN = new Field("vlan_present", 20, 4);

    /// Where it came in.
    public static final Field INTERFACE = new Field("ifindex", 40, 4);

    /// Of segments that travel as one: what each has behind its headers. 0 of a packet that travels by itself (Linux
    /// 5.7).
    public static final Field SEGMENT = new Field("gso_size", 176, 4);

    static final Field DATA = new Field("data", 76, 4);
    static final Field DATA_END = new Field("data_end", 80, 4);

    private Skb() {}
}
