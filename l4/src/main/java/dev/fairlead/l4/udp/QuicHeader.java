package dev.fairlead.l4.udp;

import io.netty.buffer.ByteBuf;

/// What of a QUIC packet is the same in every version and can be read without keys (RFC 8999), and one thing of
/// versions 1 and 2. It looks at the first packet of a datagram and at nothing behind its connection ids.
final class QuicHeader {
    /// RFC 9000 §17.2; other versions may have longer ones, which are not looked at.
    static final int ID_LENGTH_MAX = 20;

    private static final int LONG_FORM = 0x80;
    private static final int VERSION_1 = 1;
    /// RFC 9369 §3.1.
    private static final int VERSION_2 = 0x6b33_43cf;

    private QuicHeader() {}

    static boolean peekIsLong(ByteBuf datagram) {
        return datagram.isReadable() && (datagram.getByte(datagram.readerIndex()) & LONG_FORM) != 0;
    }

    /// Where the destination's connection id begins, if the server may have chosen it: always in a short header, and
    /// in a long one of a Handshake packet. -1 when not, or when there is none.
    static int peekServersIdAt(ByteBuf datagram) {
        int at = datagram.readerIndex();
        if (!peekIsLong(datagram)) {
            return datagram.readableBytes() > 1 ? at + 1 : -1;
        }
        if (datagram.readableBytes() < 7 || !isHandshake(datagram.getByte(at), datagram.getInt(at + 1))) {
            return -1;
        }
        int length = datagram.getUnsignedByte(at + 5);
        return length > 0 && length <= datagram.readableBytes() - 6 ? at + 6 : -1;
    }

    /// RFC 9000 §17.2 and RFC 9369 §3.2 have different numbers for the types.
    private static boolean isHandshake(byte first, int version) {
        int type = first >> 4 & 3;
        return switch (version) {
            case VERSION_1 -> type == 2;
            case VERSION_2 -> type == 3;
            default -> false;
        };
    }

    /// How many octets of the destination's id there can be at most, from its beginning.
    static int peekServersIdLengthMax(ByteBuf datagram, int idAt) {
        int length = peekIsLong(datagram)
                ? datagram.getUnsignedByte(datagram.readerIndex() + 5)
                : datagram.writerIndex() - idAt;
        return Math.min(length, ID_LENGTH_MAX);
    }

    /// Where the source's connection id of a long header begins; its length stands in the octet before. -1 when there
    /// is none, or one that is longer than ids are.
    static int peekSourceIdAt(ByteBuf datagram) {
        int at = datagram.readerIndex();
        int left = datagram.readableBytes() - 7;
        if (!peekIsLong(datagram) || left < 0) {
            return -1;
        }
        // Version negotiation, which no connection comes of.
        if (datagram.getInt(at + 1) == 0) {
            return -1;
        }
        int destination = datagram.getUnsignedByte(at + 5);
        if (destination > left) {
            return -1;
        }
        int source = datagram.getUnsignedByte(at + 6 + destination);
        return source > 0 && source <= ID_LENGTH_MAX && source <= left - destination ? at + 7 + destination : -1;
    }
}
