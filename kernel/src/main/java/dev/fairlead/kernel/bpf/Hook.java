package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.PacketFilters.Direction;
import org.jspecify.annotations.Nullable;

/// Where Linux runs a program, and what that means for it: what it is told, and what its answers are called.
public enum Hook {
    /// Packets as the host gets them (tcx ingress): `struct __sk_buff`, of which Linux knows much; joined segments
    /// included.
    STACK(3, 46, Skb.DATA, Skb.DATA_END, -1, 2),
    /// Packets as they leave the host (tcx egress), whoever has sent or routed them.
    LEAVING(3, 47, Skb.DATA, Skb.DATA_END, -1, 2),
    /// Before [#STACK], as the driver has them: `struct xdp_md`, bytes and nothing else. What goes on is seen by
    /// [#STACK]
    /// too.
    DRIVER(6, 37, new Field("data", 0, 4), new Field("data_end", 4, 4), 2, 1),
    /// When a process connects a socket of IPv4: [SocketAddress], and no packet yet.
    CONNECT_4(18, 10, null, null, 1, 0),
    /// The same of IPv6, which may be connected to IPv4 too.
    CONNECT_6(18, 11, null, null, 1, 0),
    /// When a process sends a datagram and says where to, by a socket of either version of IP: the same.
    SEND_4(18, 14, null, null, 1, 0),
    SEND_6(18, 15, null, null, 1, 0),
    /// When a process is told who sent the datagram that it gets, by a socket of IPv4 (Linux 5.2): the same, and
    /// nothing can be refused any more.
    RECEIVE_4(18, 19, null, null, 1, 1),
    /// The same of IPv6, which may get those of IPv4 too.
    RECEIVE_6(18, 20, null, null, 1, 1);

    /// Where a packet came in, in the context of [#DRIVER].
    public static final Field DRIVER_INTERFACE = new Field("ingress_ifindex", 12, 4);

    private final int programType;
    private final int attachType;
    private final @Nullable Field data;
    private final @Nullable Field dataEnd;
    private final int next;
    private final int drop;

    Hook(int programType, int attachType, @Nullable Field data, @Nullable Field dataEnd, int next, int drop) {
        this.programType = programType;
        this.attachType = attachType;
        this.data = data;
        this.dataEnd = dataEnd;
        this.next = next;
        this.drop = drop;
    }

    /// Whether an address there is always one of IPv4.
    public boolean isOfIpv4() {
        return this == CONNECT_4 || this == SEND_4 || this == RECEIVE_4;
    }

    /// `enum bpf_prog_type` and `enum bpf_attach_type` of linux/bpf.h.
    int programType() {
        return programType;
    }

    int attachType() {
        return attachType;
    }

    /// Null where there is no packet.
    @Nullable
    Field data() {
        return data;
    }

    @Nullable
    Field dataEnd() {
        return dataEnd;
    }

    /// Which filters of traffic control do what this hook does.
    public Direction direction() {
        return this == LEAVING ? Direction.OUT : Direction.IN;
    }

    /// The number of a verdict: `enum tcx_action_base` and `enum xdp_action` of linux/bpf.h.
    public int number(Verdict verdict) {
        return switch (verdict) {
            case NEXT -> next;
            case DROP -> drop;
            case REDIRECT -> this == DRIVER ? 4 : verdict.number();
        };
    }
}
