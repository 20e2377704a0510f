package dev.fairlead.kernel.nft;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// A message to netfilter as it is written: `struct nlmsghdr { u32 length; u16 type; u16 flags; u32 sequence; u32 port;
/// }`, `struct nfgenmsg { u8 family; u8 version; u16 resource; }`, attributes. Values are as on the wire.
final class Request {
    private static final int NESTED = 0x8000;
    private static final int ATTRIBUTE = 4;

    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1024).order(ByteOrder.nativeOrder());

    /// `family`: AF_INET and its like, or NFPROTO_INET.
    Request(int type, int family) {
        bytes.putInt(0).putShort((short) type).putShort((short) 0).putInt(0).putInt(0);
        bytes.put((byte) family).put((byte) 0).putShort((short) 0);
    }

    Request u8(int type, int value) {
        return value(type, new byte[] {(byte) value});
    }

    Request u16(int type, int value) {
        return value(type, new byte[] {(byte) (value >> 8), (byte) value});
    }

    Request i32(int type, int value) {
        return value(type, new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value});
    }

    Request text(int type, String value) {
        return value(type, (value + '\0').getBytes(StandardCharsets.US_ASCII));
    }

    Request value(int type, byte[] value) {
        bytes.putShort((short) (ATTRIBUTE + value.length))
                .putShort((short) type)
                .put(value);
        while (bytes.position() % ATTRIBUTE != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    /// Begins an attribute whose value is attributes: where it stands, for its [#end].
    int begin(int type) {
        int at = bytes.position();
        bytes.putShort((short) 0).putShort((short) (type | NESTED));
        return at;
    }

    Request end(int begun) {
        bytes.putShort(begun, (short) (bytes.position() - begun));
        return this;
    }

    /// The whole message.
    ByteBuffer with(int flags) {
        bytes.putInt(0, bytes.position()).putShort(6, (short) flags);
        return bytes.flip();
    }
}
