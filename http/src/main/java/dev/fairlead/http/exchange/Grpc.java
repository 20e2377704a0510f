package dev.fairlead.http.exchange;

import dev.fairlead.config.GrpcStatus;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.Reason;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What Fairlead knows of gRPC (its specification "gRPC over HTTP2"): which request is a call, how long it may take,
/// and how it ended.
public final class Grpc {
    /// [#timeoutNanos] of a call that has all the time.
    public static final long NO_TIMEOUT = -1;

    private static final byte[] TYPE = ascii("application/grpc");
    private static final byte[] STATUS = ascii("grpc-status");
    private static final byte[] MESSAGE = ascii("grpc-message");
    private static final byte[] TIMEOUT = ascii("grpc-timeout");
    private static final int TIMEOUT_DIGITS = 8;

    private Grpc() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// `application/grpc`, with or without a format behind `+`. What browsers send (`application/grpc-web`) is none.
    public static boolean isCall(RequestHead head) {
        return head.version() == HttpVersion.HTTP_2 && isOfCall(head.fields());
    }

    /// Whether their message is one of gRPC, a call or its answer.
    public static boolean isOfCall(Fields fields) {
        int type = fields.find(FieldName.CONTENT_TYPE);
        if (type < 0) {
            return false;
        }
        int from = fields.valueStart(type);
        int end = from + TYPE.length;
        int to = fields.valueEnd(type);
        return end <= to
                && Ascii.equalsIgnoreCase(fields.bytes(), from, end, TYPE)
                && (end == to || fields.bytes()[end] == '+' || fields.bytes()[end] == ';');
    }

    /// `grpc-timeout`: how long the client waits, from the call's begin; [#NO_TIMEOUT] where it does not say.
    public static long timeoutNanos(RequestHead head) {
        Fields fields = head.fields();
        int field = fields.findAfter(-1, TIMEOUT);
        if (field < 0) {
            return NO_TIMEOUT;
        }
        int from = fields.valueStart(field);
        int unit = fields.valueEnd(field) - 1;
        long count = unit <= from || unit - from > TIMEOUT_DIGITS ? -1 : Ascii.digits(fields.bytes(), from, unit);
        long nanos = count < 0 ? 0 : unitNanos(fields.bytes()[unit]);
        return nanos == 0 || count > Long.MAX_VALUE / 2 / nanos ? NO_TIMEOUT : count * nanos;
    }

    private static long unitNanos(byte unit) {
        return switch (unit) {
            case 'H' -> 3_600_000_000_000L;
            case 'M' -> 60_000_000_000L;
            case 'S' -> 1_000_000_000L;
            case 'm' -> 1_000_000L;
            case 'u' -> 1_000L;
            case 'n' -> 1L;
            default -> 0;
        };
    }

    /// How the call ended, as these fields say; null: they do not.
    public static @Nullable GrpcStatus status(Fields fields) {
        int field = fields.findAfter(-1, STATUS);
        if (field < 0) {
            return null;
        }
        GrpcStatus[] all = GrpcStatus.values();
        long number = Ascii.digits(fields.bytes(), fields.valueStart(field), fields.valueEnd(field));
        return number < 0 || number >= all.length ? GrpcStatus.UNKNOWN : all[(int) number];
    }

    /// Makes an answer of ours into one that clients of gRPC understand: a head and nothing more.
    static GrpcStatus refuse(ResponseHead head, @Nullable Fault fault) {
        int status = head.status();
        GrpcStatus told = of(status, fault);
        Fields fields = head.fields();
        fields.removeAll(FieldName.CONTENT_TYPE);
        fields.add(FieldName.CONTENT_TYPE, TYPE, 0, TYPE.length);
        byte[] number = ascii(Integer.toString(told.ordinal()));
        fields.add(null, STATUS, number, 0, number.length);
        byte[] message = ascii(status + " " + Reason.text(status));
        fields.add(null, MESSAGE, message, 0, message.length);
        head.status(200, 0, 0);
        head.contentLength(0);
        head.bodiless(true);
        return told;
    }

    /// As gRPC's own clients take a status of HTTP, and where those have no better word.
    private static GrpcStatus of(int status, @Nullable Fault fault) {
        if (fault == Fault.TOTAL_TIMEOUT) {
            return GrpcStatus.DEADLINE_EXCEEDED;
        }
        return switch (status) {
            case 400 -> GrpcStatus.INTERNAL;
            case 401 -> GrpcStatus.UNAUTHENTICATED;
            case 403 -> GrpcStatus.PERMISSION_DENIED;
            case 404, 501 -> GrpcStatus.UNIMPLEMENTED;
            case 413, 431 -> GrpcStatus.RESOURCE_EXHAUSTED;
            case 429, 502, 503, 504 -> GrpcStatus.UNAVAILABLE;
            default -> GrpcStatus.UNKNOWN;
        };
    }
}
