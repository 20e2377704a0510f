package dev.fairlead.net.proxyprotocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The further facts of a version 2 header: a type, a length of two bytes and a value each (PROXY protocol §2.2).
/// Immutable, and whole: what cannot be read to its end is none.
public final class Tlvs {
    public static final int ALPN = 0x01;
    public static final int AUTHORITY = 0x02;
    public static final int CRC32C = 0x03;
    public static final int NOOP = 0x04;
    public static final int UNIQUE_ID = 0x05;
    public static final int SSL = 0x20;

    /// A type, and two bytes of length.
    static final int HEAD_BYTES = 3;
    /// §2.2.5: a byte of flags and four that tell whether the client's certificate was good.
    static final int SSL_HEAD_BYTES = 5;
    /// §2.2.4.
    static final int UNIQUE_ID_BYTES_MAX = 128;

    private static final int SSL_CLIENT_SSL = 0x01;

    static final Tlvs NONE = new Tlvs(new byte[0]);

    private final byte[] bytes;

    private Tlvs(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Null when they are malformed. The array is not copied.
    static @Nullable Tlvs of(byte[] bytes) {
        if (bytes.length == 0) {
            return NONE;
        }
        return isWhole(bytes, 0) && new Tlvs(bytes).isSound() ? new Tlvs(bytes) : null;
    }

    private static boolean isWhole(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length) {
            if (bytes.length - at < HEAD_BYTES) {
                return false;
            }
            at += HEAD_BYTES + length(bytes, at);
        }
        return at == bytes.length;
    }

    private static int length(byte[] bytes, int at) {
        return (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
    }

    private boolean isSound() {
        byte[] ssl = value(SSL);
        if (ssl != null && (ssl.length < SSL_HEAD_BYTES || !isWhole(ssl, SSL_HEAD_BYTES))) {
            return false;
        }
        byte[] checksum = value(CRC32C);
        byte[] id = value(UNIQUE_ID);
        byte[] authority = value(AUTHORITY);
        return (checksum == null || checksum.length == Integer.BYTES)
                && (id == null || id.length <= UNIQUE_ID_BYTES_MAX)
                && (authority == null || isText(authority));
    }

    /// No control characters: it ends in logs and in fields.
    private static boolean isText(byte[] value) {
        for (byte each : value) {
            if (each >= 0 && each < ' ' || each == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /// Printable or not: whoever writes it down escapes it. Null: none.
    public @Nullable String uniqueId() {
        byte[] id = value(UNIQUE_ID);
        return id == null ? null : new String(id, StandardCharsets.ISO_8859_1);
    }

    /// Where the value of the first of this type begins, or -1.
    int place(int type) {
        for (int at = 0; at < bytes.length; at += HEAD_BYTES + length(bytes, at)) {
            if ((bytes[at] & 0xff) == type) {
                return at + HEAD_BYTES;
            }
        }
        return -1;
    }

    /// The value of the first of this type; null: there is none.
    public byte @Nullable [] value(int type) {
        int place = place(type);
        return place < 0 ? null : Arrays.copyOfRange(bytes, place, place + length(bytes, place - HEAD_BYTES));
    }

    /// The name that the client asked for, which is the SNI of its TLS connection; null: not told.
    public @Nullable String authority() {
        byte[] value = value(AUTHORITY);
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    /// Whether the client spoke TLS to whoever sent the header.
    public boolean isTls() {
        int place = place(SSL);
        return place >= 0 && (bytes[place] & SSL_CLIENT_SSL) != 0;
    }

    /// All of them but those that belong to one header alone: its checksum and its padding.
    byte[] toPassOn() {
        byte[] kept = new byte[bytes.length];
        int size = 0;
        int next;
        for (int at = 0; at < bytes.length; at = next) {
            next = at + HEAD_BYTES + length(bytes, at);
            int type = bytes[at] & 0xff;
            if (type != CRC32C && type != NOOP) {
                System.arraycopy(bytes, at, kept, size, next - at);
                size += next - at;
            }
        }
        return Arrays.copyOf(kept, size);
    }
}
