package dev.fairlead.l4.udp;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// A QUIC connection id that was learned: its octets, by value.
final class ConnectionId {
    private final byte[] octets;

    private ConnectionId(byte[] octets) {
        this.octets = octets;
    }

    static ConnectionId peek(ByteBuf datagram, int at, int length) {
        byte[] octets = new byte[length];
        datagram.getBytes(at, octets);
        return new ConnectionId(octets);
    }

    int length() {
        return octets.length;
    }

    boolean peekIsAt(ByteBuf datagram, int at, int length) {
        if (length != octets.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (datagram.getByte(at + i) != octets[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionId id && Arrays.equals(octets, id.octets);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(octets);
    }
}
