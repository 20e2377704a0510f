package dev.fairlead.kernel.nft;

import dev.fairlead.config.AddressRange;
import dev.fairlead.kernel.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Reads what conntrack tells of a flow: the attributes of linux/netfilter/nfnetlink_conntrack.h. Used once.
final class TrackedMessage {
    static final int TUPLE_ORIGINAL = 1;
    private static final int TUPLE_REPLY = 2;
    static final int STATUS = 3;
    private static final int PROTOCOL_INFO = 4;
    private static final int TIMEOUT = 7;
    private static final int COUNTERS_ORIGINAL = 9;
    private static final int COUNTERS_REPLY = 10;
    static final int ID = 12;
    private static final int TIMESTAMP = 20;

    /// IPS_DST_NAT: its destination is another than its packets had.
    static final int STATUS_DNAT = 1 << 5;

    private final Tuple original = new Tuple();
    private final Tuple reply = new Tuple();
    private int status;
    private int state;
    private int id;
    private long timeout;
    private long bytesIn;
    private long bytesOut;
    private long began;
    private long ended;

    /// Addresses and ports of one direction.
    private static final class Tuple {
        private @Nullable InetAddress source;
        private @Nullable InetAddress destination;
        private int protocol;
        private int sourcePort;
        private int destinationPort;

        void read(Attributes tuple) {
            while (tuple.next()) {
                Attributes inside = tuple.inside();
                while (inside.next()) {
                    switch (tuple.type()) {
                        case 1 -> ip(inside);
                        case 2 -> transport(inside);
                        default -> {}
                    }
                }
            }
        }

        private void ip(Attributes each) {
            switch (each.type()) {
                case 1, 3 -> source = each.address();
                case 2, 4 -> destination = each.address();
                default -> {}
            }
        }

        private void transport(Attributes each) {
            switch (each.type()) {
                case 1 -> protocol = each.u8();
                case 2 -> sourcePort = each.u16();
                case 3 -> destinationPort = each.u16();
                default -> {}
            }
        }
    }

    private TrackedMessage() {}

    /// Null when it is of another protocol, or has the destination that its client gave it.
    static @Nullable Tracked read(Attributes all) {
        TrackedMessage message = new TrackedMessage();
        while (all.next()) {
            message.take(all);
        }
        return message.flow();
    }

    private void take(Attributes each) {
        switch (each.type()) {
            case TUPLE_ORIGINAL -> original.read(each.inside());
            case TUPLE_REPLY -> reply.read(each.inside());
            case STATUS -> status = each.i32();
            case PROTOCOL_INFO -> state = state(each.inside());
            case TIMEOUT -> timeout = each.i32() & 0xffff_ffffL;
            case COUNTERS_ORIGINAL -> bytesIn = second(each.inside());
            case COUNTERS_REPLY -> bytesOut = second(each.inside());
            case ID -> id = each.i32();
            case TIMESTAMP -> times(each.inside());
            default -> {}
        }
    }

    /// CTA_PROTOINFO_TCP, and in it CTA_PROTOINFO_TCP_STATE.
    private static int state(Attributes protocols) {
        while (protocols.next()) {
            Attributes tcp = protocols.inside();
            while (protocols.type() == 1 && tcp.next()) {
                if (tcp.type() == 1) {
                    return tcp.u8();
                }
            }
        }
        return 0;
    }

    /// CTA_COUNTERS_BYTES.
    private static long second(Attributes counters) {
        while (counters.next()) {
            if (counters.type() == 2) {
                return counters.i64();
            }
        }
        return 0;
    }

    private void times(Attributes both) {
        while (both.next()) {
            switch (both.type()) {
                case 1 -> began = both.i64();
                case 2 -> ended = both.i64();
                default -> {}
            }
        }
    }

    private @Nullable Tracked flow() {
        Transport transport = original.protocol == Transport.TCP.number()
                ? Transport.TCP
                : original.protocol == Transport.UDP.number() ? Transport.UDP : null;
        if (transport == null
                || (status & STATUS_DNAT) == 0
                || original.source == null
                || original.destination == null
                || reply.source == null) {
            return null;
        }
        Door door = new Door(
                transport, new AddressRange(original.destination, original.destinationPort, original.destinationPort));
        return new Tracked(
                id,
                new InetSocketAddress(original.source, original.sourcePort),
                new Seat(door, new InetSocketAddress(reply.source, reply.sourcePort)),
                Tracked.State.of(state),
                timeout,
                bytesIn,
                bytesOut,
                began,
                ended);
    }
}
