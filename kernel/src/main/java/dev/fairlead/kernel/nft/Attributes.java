package dev.fairlead.kernel.nft;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The attributes of a netlink message, one after the other, where they lie: `struct nlattr { u16 length; u16 type; }`
/// and the value, on the next four bytes. Values are as on the wire.
final class Attributes {
    private static final int HEADER = 4;
    private static final int TYPE = 0x3fff;

    private final ByteBuffer in;
    private final ByteBuffer wire;
    private final int end;
    private int at;
    private int next;

    /// From `start` to `end`.
    Attributes(ByteBuffer in, int start, int end) {
        this.in = in.duplicate().order(ByteOrder.nativeOrder());
        this.wire = in.duplicate().order(ByteOrder.BIG_ENDIAN);
        this.end = end;
        this.next = start;
    }

    /// Goes to the next one; false when there is none.
    boolean next() {
        at = next;
        if (at + HEADER > end || length() < HEADER || at + length() > end) {
            return false;
        }
        next = at + aligned(length());
        return true;
    }

    private int length() {
        return in.getShort(at) & 0xffff;
    }

    static int aligned(int length) {
        return (length + 3) & ~3;
    }

    int type() {
        return in.getShort(at + 2) & TYPE;
    }

    /// Those inside the value.
    Attributes inside() {
        return new Attributes(in, at + HEADER, at + length());
    }

    int u8() {
        return wire.get(at + HEADER) & 0xff;
    }

    int u16() {
        return wire.getShort(at + HEADER) & 0xffff;
    }

    int i32() {
        return wire.getInt(at + HEADER);
    }

    long i64() {
        return wire.getLong(at + HEADER);
    }

    /// Up to its zero.
    String text() {
        byte[] bytes = new byte[length() - HEADER];
        wire.get(at + HEADER, bytes);
        String text = new String(bytes, StandardCharsets.US_ASCII);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    InetAddress address() {
        byte[] bytes = new byte[length() - HEADER];
        wire.get(at + HEADER, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", impossible);
        }
    }
}
