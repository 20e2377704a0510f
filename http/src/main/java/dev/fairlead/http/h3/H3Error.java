package dev.fairlead.http.h3;

/// The errors of RFC 9114 §8.1 that we tell clients.
enum H3Error {
    NO_ERROR(0x100),
    INTERNAL_ERROR(0x102),
    FRAME_ERROR(0x106),
    EXCESSIVE_LOAD(0x107),
    ID_ERROR(0x108),
    REQUEST_REJECTED(0x10b),
    REQUEST_CANCELLED(0x10c),
    REQUEST_INCOMPLETE(0x10d),
    MESSAGE_ERROR(0x10e);

    private final int code;

    H3Error(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
