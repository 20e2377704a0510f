package dev.fairlead.config;

import java.util.Locale;

/// How a gRPC call ended, in the order of the numbers that stand in `grpc-status`.
public enum GrpcStatus {
    OK,
    CANCELLED,
    UNKNOWN,
    INVALID_ARGUMENT,
    DEADLINE_EXCEEDED,
    NOT_FOUND,
    ALREADY_EXISTS,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    FAILED_PRECONDITION,
    ABORTED,
    OUT_OF_RANGE,
    UNIMPLEMENTED,
    INTERNAL,
    UNAVAILABLE,
    DATA_LOSS,
    UNAUTHENTICATED;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /// How config, logs and metrics call it.
    public String label() {
        return label;
    }

    /// Whether it tells against the server. What a call asked for that cannot be had, or not in the time that its
    /// client gave it, does not.
    public boolean isFault() {
        return switch (this) {
            case UNKNOWN, INTERNAL, UNAVAILABLE, DATA_LOSS -> true;
            default -> false;
        };
    }
}
