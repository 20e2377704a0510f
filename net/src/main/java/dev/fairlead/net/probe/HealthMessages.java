package dev.fairlead.net.probe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// The messages of gRPC health checking, `grpc.health.v1`, as bytes: protobuf, behind gRPC's prefix of one byte for
/// the compression and four for the length. Strict: what is not exactly such a message is none.
final class HealthMessages {
    static final int PREFIX_BYTES = 5;
    static final int SERVING = 1;
    static final int INVALID = -1;

    /// Field 1 as a length and bytes (`service` of the request), and as a number (`status` of the response).
    private static final int SERVICE_TAG = 0x0a;

    private static final int STATUS_FIELD = 1;

    private final byte[] bytes;
    private int at;

    private HealthMessages(byte[] bytes) {
        this.bytes = bytes;
    }

    /// A `HealthCheckRequest` with its prefix; the empty service is the server as a whole.
    static byte[] request(String service) {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        if (name.length > 0) {
            message.write(SERVICE_TAG);
            for (int rest = name.length; rest > 0 || message.size() == 1; rest >>>= 7) {
                message.write(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
            }
            message.writeBytes(name);
        }
        int length = message.size();
        byte[] whole = new byte[PREFIX_BYTES + length];
        for (int i = 0; i < 4; i++) {
            whole[1 + i] = (byte) (length >>> (24 - 8 * i));
        }
        System.arraycopy(message.toByteArray(), 0, whole, PREFIX_BYTES, length);
        return whole;
    }

    /// The status in a `HealthCheckResponse` with its prefix, or [#INVALID]. As protobuf wants it, an absent status
    /// is 0, of several the last counts, and fields of other numbers are passed over.
    static int status(byte[] message) {
        if (message.length < PREFIX_BYTES || message[0] != 0) {
            return INVALID;
        }
        long length = 0;
        for (int i = 1; i < PREFIX_BYTES; i++) {
            length = length << 8 | message[i] & 0xff;
        }
        return length == message.length - PREFIX_BYTES ? new HealthMessages(message).status() : INVALID;
    }

    private int status() {
        int status = 0;
        at = PREFIX_BYTES;
        while (at < bytes.length) {
            long tag = varint();
            long field = tag >>> 3;
            int type = (int) (tag & 7);
            if (at < 0 || tag > 0xffff_ffffL || field == 0 || (field == STATUS_FIELD && type != 0)) {
                return INVALID;
            }
            long value = switch (type) {
                case 0 -> varint();
                case 1 -> skip(8);
                case 2 -> skip(varint());
                case 5 -> skip(4);
                default -> skip(-1);
            };
            if (at < 0 || (field == STATUS_FIELD && (value < 0 || value > Integer.MAX_VALUE))) {
                return INVALID;
            }
            if (field == STATUS_FIELD) {
                status = (int) value;
            }
        }
        return status;
    }

    /// Reads a number of at most ten bytes; `at` is -1 when there is none.
    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 70 && at >= 0 && at < bytes.length; shift += 7) {
            byte next = bytes[at++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        at = -1;
        return 0;
    }

    private long skip(long count) {
        at = at < 0 || count < 0 || count > bytes.length - at ? -1 : at + (int) count;
        return 0;
    }
}
