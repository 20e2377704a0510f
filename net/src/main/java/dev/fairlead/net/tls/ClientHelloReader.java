package dev.fairlead.net.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the ClientHello at the begin of a connection and leaves it there (RFC 8446 §4.1.2 and §5.1; RFC 5246 for
/// older clients, which looks the same). It may be cut into records, and they into packets, anywhere.
///
/// Fed with all bytes so far, again and again: it first only follows the records until the hello is whole, looking
/// at no byte twice, and then reads it once, in place. What it does not know (GREASE, RFC 8701, and all other
/// extensions) it passes over, but every length must fit into the one around it.
public final class ClientHelloReader {
    public enum Progress {
        MORE,
        WHOLE,
        NOT_TLS,
        MALFORMED
    }

    private static final int HANDSHAKE_RECORD = 22;
    private static final int RECORD_HEAD = 5;
    /// RFC 8446 §5.1: 2^14 bytes of plaintext.
    private static final int RECORD_BYTES_MAX = 1 << 14;

    private static final int CLIENT_HELLO = 1;
    private static final int MESSAGE_HEAD = 4;

    private static final int SERVER_NAME = 0;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int ALPN = 16;
    private static final int HOST_NAME = 0;
    /// RFC 1035 §2.3.4.
    private static final int HOST_BYTES_MAX = 255;

    private final int helloBytesMax;

    // where the next record begins, and what the records before it hold of the message; relative to readerIndex
    private int nextRecord;
    private int gathered;
    private int messageBytes = -1;

    // the cursor
    private int at;
    private int recordEnd;
    private boolean broken;

    private boolean hasEcdsaSuite;
    private boolean hasEcdsaSignature;
    private ClientHello hello = ClientHello.NONE;

    /// `helloBytesMax` bounds the message without the heads of its records.
    public ClientHelloReader(int helloBytesMax) {
        this.helloBytesMax = helloBytesMax;
    }

    /// What was read; only when it is [Progress#WHOLE].
    public ClientHello hello() {
        return hello;
    }

    /// Looks at all bytes so far.
    public Progress peek(ByteBuf in) {
        while (messageBytes < 0 || gathered < messageBytes) {
            int here = in.readableBytes() - nextRecord;
            if (nextRecord == 0 && here > 0 && in.getUnsignedByte(in.readerIndex()) != HANDSHAKE_RECORD) {
                return Progress.NOT_TLS;
            }
            if (nextRecord == 0 && here > 1 && in.getUnsignedByte(in.readerIndex() + 1) != 3) {
                return Progress.NOT_TLS;
            }
            if (here < RECORD_HEAD) {
                return Progress.MORE;
            }
            int record = in.readerIndex() + nextRecord;
            int size = in.getUnsignedShort(record + 3);
            // RFC 8446 §5.1: no other record may come between, and none of a handshake is empty.
            if (in.getUnsignedByte(record) != HANDSHAKE_RECORD
                    || in.getUnsignedByte(record + 1) != 3
                    || size == 0
                    || size > RECORD_BYTES_MAX) {
                return Progress.MALFORMED;
            }
            if (messageBytes < 0 && !readMessageHead(in)) {
                return broken ? Progress.MALFORMED : Progress.MORE;
            }
            if (here < RECORD_HEAD + size) {
                return Progress.MORE;
            }
            gathered += size;
            nextRecord += RECORD_HEAD + size;
        }
        if (gathered != messageBytes) {
            // RFC 8446 §5.1: nothing may follow it in its record, for the client awaits an answer.
            return Progress.MALFORMED;
        }
        return readHello(in) ? Progress.WHOLE : Progress.MALFORMED;
    }

    /// The type and length of the message, which may themselves be cut by records. False: not all there, or broken.
    private boolean readMessageHead(ByteBuf in) {
        int from = in.readerIndex();
        int head = 0;
        int known = 0;
        int record = from;
        while (known < MESSAGE_HEAD && in.writerIndex() - record > RECORD_HEAD) {
            int size = in.getUnsignedShort(record + 3);
            if (in.getUnsignedByte(record) != HANDSHAKE_RECORD || size == 0 || size > RECORD_BYTES_MAX) {
                broken = true;
                return false;
            }
            int end = Math.min(in.writerIndex(), record + RECORD_HEAD + size);
            for (int i = record + RECORD_HEAD; i < end && known < MESSAGE_HEAD; i++) {
                head = head << 8 | in.getUnsignedByte(i);
                known++;
            }
            record += RECORD_HEAD + size;
        }
        if (known > 0 && head >>> 8 * (known - 1) != CLIENT_HELLO) {
            broken = true;
            return false;
        }
        if (known < MESSAGE_HEAD) {
            return false;
        }
        messageBytes = MESSAGE_HEAD + (head & 0xff_ffff);
        broken = messageBytes > helloBytesMax;
        return !broken;
    }

    // ---- the whole message ----

    private boolean readHello(ByteBuf in) {
        at = in.readerIndex() + RECORD_HEAD;
        recordEnd = at + in.getUnsignedShort(at - 2);
        skip(in, MESSAGE_HEAD);
        int left = messageBytes - MESSAGE_HEAD;
        // Version and random.
        left -= skip(in, 2 + 32, left);
        left -= vector(in, 1, 0, 32, left);
        left -= suites(in, left);
        left -= vector(in, 1, 1, 0xff, left);
        if (broken || left == 0) {
            // A client of TLS 1.2 may have no extensions at all.
            return !broken;
        }
        int extensions = number(in, 2, left);
        left -= 2;
        if (broken || extensions != left) {
            return false;
        }
        readExtensions(in, left);
        return !broken;
    }

    private void readExtensions(ByteBuf in, int size) {
        boolean named = false;
        boolean offered = false;
        String sni = null;
        List<String> alpn = List.of();
        int left = size;
        while (left > 0 && !broken) {
            int type = number(in, 2, left);
            int bytes = number(in, 2, left - 2);
            left -= 4 + bytes;
            if (broken || left < 0) {
                broken = true;
                return;
            }
            // RFC 8446 §4.2: no type twice.
            if (type == SERVER_NAME) {
                broken = named;
                named = true;
                sni = serverName(in, bytes);
            } else if (type == ALPN) {
                broken = offered;
                offered = true;
                alpn = protocols(in, bytes);
            } else if (type == SIGNATURE_ALGORITHMS) {
                signatures(in, bytes);
            } else {
                skip(in, bytes);
            }
        }
        hello = new ClientHello(sni, alpn, hasEcdsaSuite && hasEcdsaSignature);
    }

    /// Passes over the suites; how many bytes they were in all. In TLS 1.3 a suite says nothing of the certificate.
    private int suites(ByteBuf in, int left) {
        int size = number(in, 2, left);
        if (broken || size < 2 || size % 2 != 0 || size > left - 2) {
            broken = true;
            return 0;
        }
        for (int i = 0; i < size; i += 2) {
            int suite = next(in) << 8 | next(in);
            // RFC 8446 §B.4; RFC 5289 §3.2 and RFC 7905 §2, ECDHE_ECDSA with an AEAD.
            hasEcdsaSuite |= suite >>> 8 == 0x13 || suite == 0xc02b || suite == 0xc02c || suite == 0xcca9;
        }
        return 2 + size;
    }

    /// RFC 8446 §4.2.3.
    private void signatures(ByteBuf in, int size) {
        int list = number(in, 2, size);
        if (broken || list != size - 2 || list < 2 || list % 2 != 0) {
            broken = true;
            return;
        }
        for (int i = 0; i < list; i += 2) {
            int scheme = next(in) << 8 | next(in);
            // ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512.
            hasEcdsaSignature |= scheme == 0x0403 || scheme == 0x0503 || scheme == 0x0603;
        }
    }

    /// RFC 6066 §3: a list of names, in which each type stands once; and there is only one type.
    private @Nullable String serverName(ByteBuf in, int size) {
        int list = number(in, 2, size);
        int type = number(in, 1, size - 2);
        int bytes = number(in, 2, size - 3);
        if (broken
                || list != size - 2
                || type != HOST_NAME
                || bytes != size - 5
                || bytes == 0
                || bytes > HOST_BYTES_MAX) {
            broken = true;
            return null;
        }
        byte[] name = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            byte each = (byte) next(in);
            name[i] = each >= 'A' && each <= 'Z' ? (byte) (each + ('a' - 'A')) : each;
            broken |= !isOfName(name[i]);
        }
        // RFC 6066 §3 has no dot at the end; who sends one means the same.
        int end = name[bytes - 1] == '.' ? bytes - 1 : bytes;
        broken |= end == 0;
        return new String(name, 0, end, StandardCharsets.US_ASCII);
    }

    private static boolean isOfName(byte each) {
        return each >= 'a' && each <= 'z'
                || each >= '0' && each <= '9'
                || each == '-'
                || each == '.'
                || each == '_'
                // Some clients put an address there: it matches nothing, and harms nobody.
                || each == ':';
    }

    /// RFC 7301 §3.1.
    private List<String> protocols(ByteBuf in, int size) {
        int list = number(in, 2, size);
        if (broken || list != size - 2 || list < 2) {
            broken = true;
            return List.of();
        }
        List<String> all = new ArrayList<>(4);
        int left = list;
        while (left > 0) {
            int bytes = number(in, 1, left);
            left -= 1 + bytes;
            if (broken || bytes == 0 || left < 0) {
                broken = true;
                return all;
            }
            byte[] protocol = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                protocol[i] = (byte) next(in);
            }
            all.add(new String(protocol, StandardCharsets.ISO_8859_1));
        }
        return all;
    }

    // ---- the cursor ----

    /// A number of `bytes` bytes, of which `left` must be there.
    private int number(ByteBuf in, int bytes, int left) {
        if (broken || left < bytes) {
            broken = true;
            return 0;
        }
        int number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number << 8 | next(in);
        }
        return number;
    }

    /// Passes over a vector with a length of `lengthBytes`; how many bytes it was in all.
    private int vector(ByteBuf in, int lengthBytes, int least, int most, int left) {
        int size = number(in, lengthBytes, left);
        if (broken || size < least || size > most) {
            broken = true;
            return 0;
        }
        return lengthBytes + skip(in, size, left - lengthBytes);
    }

    private int skip(ByteBuf in, int bytes, int left) {
        if (broken || left < bytes) {
            broken = true;
            return 0;
        }
        skip(in, bytes);
        return bytes;
    }

    private void skip(ByteBuf in, int bytes) {
        int left = bytes;
        while (left > recordEnd - at) {
            left -= recordEnd - at;
            at = recordEnd;
            enter(in);
        }
        at += left;
    }

    private int next(ByteBuf in) {
        if (at == recordEnd) {
            enter(in);
        }
        return in.getUnsignedByte(at++);
    }

    /// The next record, whose head was looked at before.
    private void enter(ByteBuf in) {
        at += RECORD_HEAD;
        recordEnd = at + in.getUnsignedShort(at - 2);
    }
}
