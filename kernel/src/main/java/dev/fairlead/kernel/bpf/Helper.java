package dev.fairlead.kernel.bpf;

/// Functions of Linux that a program may call: `enum bpf_func_id` of linux/bpf.h.
public enum Helper {
    MAP_LOOKUP(1),
    MAP_UPDATE(2),
    MAP_DELETE(3),
    KTIME_NANOS(5),
    RANDOM(7),
    L4_CHECKSUM(11),
    /// Sends a copy of the packet.
    CLONE_REDIRECT(13),
    REDIRECT(23),
    /// Copies bytes of the packet, from anywhere.
    SKB_LOAD(26),
    CHECKSUM_DIFFERENCE(28),
    /// Cuts the packet off, or makes it longer.
    CHANGE_TAIL(38),
    PULL(39),
    /// Of a socket: a number that no other ever has.
    SOCKET_COOKIE(46),
    /// Makes room for headers, or takes some away.
    ADJUST_ROOM(50),
    /// Only for programs whose license is compatible with the GPL.
    FIB_LOOKUP(69),
    /// Of a socket: the number of its network (Linux 5.7).
    NETWORK_COOKIE(122),
    REDIRECT_NEIGHBOUR(152),
    /// The time of the last clock tick: cheap, and exact to some milliseconds (Linux 5.11).
    KTIME_COARSE(160),
    /// Of a packet in a driver (Linux 5.18).
    DRIVER_LENGTH(188);

    private final int number;

    Helper(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
