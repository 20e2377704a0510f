package dev.fairlead.l4.udp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// QUIC packets as far as a balancer reads them: headers with something behind.
final class QuicPackets {
    static final int INITIAL = 0;
    static final int HANDSHAKE = 2;

    private QuicPackets() {}

    /// RFC 9000 §17.2, version 1.
    static byte[] longHeader(int type, byte[] destination, byte[] source) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0xc0 | type << 4);
        out.writeBytes(ByteBuffer.allocate(4).putInt(1).array());
        out.write(destination.length);
        out.writeBytes(destination);
        out.write(source.length);
        out.writeBytes(source);
        out.writeBytes(new byte[20]);
        return out.toByteArray();
    }

    /// RFC 9000 §17.3.
    static byte[] shortHeader(byte[] destination) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x41);
        out.writeBytes(destination);
        out.writeBytes(new byte[20]);
        return out.toByteArray();
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
