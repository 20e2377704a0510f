package dev.fairlead.kernel.bpf;

/// Functions of Linux that a program may call: `enum bpf_func_id` of linux/bpf.h.
public enum Helper {
    MAP_LOOKUP(1, true),
    MAP_UPDATE(2, true),
    MAP_DELETE(3, true),
    KTIME_NANOS(5, true),
    RANDOM(7, true),
    SKB_STORE(9, false),
    L4_CHECKSUM(11, false),
    /// Sends a copy of the packet.
    CLONE_REDIRECT(13, false),
    REDIRECT(23, true),
    /// Copies bytes of the packet, from anywhere.
    SKB_LOAD(26, true),
    CHECKSUM_DIFFERENCE(28, true),
    /// Cuts the packet off, or makes it longer.
    CHANGE_TAIL(38, false),
    PULL(39, false),
    /// Of a socket: a number that no other ever has.
    SOCKET_COOKIE(46, true),
    /// Makes room for headers, or takes some away.
    ADJUST_ROOM(50, false),
    /// Only for programs whose license is compatible with the GPL.
    FIB_LOOKUP(69, true),
    /// Of a socket: the number of its network (Linux 5.7).
    NETWORK_COOKIE(122, true),
    REDIRECT_NEIGHBOUR(152, true),
    /// The time of the last clock tick: cheap, and exact to some milliseconds (Linux 5.11).
    KTIME_COARSE(160, true),
    /// Of a packet in a driver (Linux 5.18).
    DRIVER_LENGTH(188, true);

    private final int number;
    private final boolean keepsPacket;

    Helper(int number, boolean keepsPacket) {
        this.number = number;
        this.keepsPacket = keepsPacket;
    }

    public int number() {
        return number;
    }

    /// Whether pointers into the packet are good after the call.
    public boolean keepsPacket() {
        return keepsPacket;
    }
}
