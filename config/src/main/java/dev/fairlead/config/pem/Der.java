package dev.fairlead.config.pem;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Objects;

/// Elements that stand one after the other in DER (X.690 §8.1), and the place up to which they were read: each is a
/// type, a length, and the content. What is not DER, or of another type than expected, throws
/// [IndexOutOfBoundsException].
public final class Der {
    public static final int INTEGER = 2;
    public static final int BITS = 3;
    public static final int OCTETS = 4;
    public static final int OID = 6;
    public static final int TIME = 0x18;
    public static final int SEQUENCE = 0x30;

    /// More than an `int` can say is no length.
    private static final int LENGTH_OCTETS_MAX = 4;

    private final byte[] bytes;
    private final int end;
    private int at;

    private Der(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    public static Der of(byte[] bytes) {
        return new Der(bytes, 0, bytes.length);
    }

    /// The element of a choice or an optional field: `[0]`.
    public static int tagged(int number) {
        return 0xa0 | number;
    }

    public boolean hasNext() {
        return at < end;
    }

    public boolean isNext(int type) {
        return hasNext() && (bytes[at] & 0xff) == type;
    }

    /// The elements in the next one.
    public Der enter(int type) {
        int from = begin(type);
        int to = end(from);
        at = to;
        return new Der(bytes, contentAt(from), to);
    }

    /// The content of the next one.
    public byte[] content(int type) {
        Der content = enter(type);
        return Arrays.copyOfRange(bytes, content.at, content.end);
    }

    /// The next one as it stands.
    public byte[] whole() {
        int from = at;
        at = end(from);
        return Arrays.copyOfRange(bytes, from, at);
    }

    public Der skip() {
        at = end(at);
        return this;
    }

    private int begin(int type) {
        if (!isNext(type)) {
            throw new IndexOutOfBoundsException("not of type " + type);
        }
        return at;
    }

    private int octet(int index) {
        return bytes[Objects.checkIndex(index, end)] & 0xff;
    }

    private int contentAt(int from) {
        int first = octet(from + 1);
        return from + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private int end(int from) {
        int first = octet(from + 1);
        int length = first;
        if (first >= 0x80) {
            length = 0;
            if ((first & 0x7f) > LENGTH_OCTETS_MAX) {
                throw new IndexOutOfBoundsException("too long");
            }
            for (int i = 0; i < (first & 0x7f); i++) {
                length = length << 8 | octet(from + 2 + i);
            }
        }
        int content = contentAt(from);
        return Objects.checkFromIndexSize(content, length, end) + length;
    }

    /// An element of these parts, of 64KiB at most.
    public static byte[] element(int type, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(type);
        if (content.size() < 0x80) {
            all.write(content.size());
        } else {
            all.write(0x82);
            all.write(content.size() >>> 8);
            all.write(content.size());
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }
}
