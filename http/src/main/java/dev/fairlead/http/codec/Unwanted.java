package dev.fairlead.http.codec;

import io.netty.buffer.ByteBuf;

/// What a client sends on behind its last response, not knowing yet that nobody wants it. One loop.
public final class Unwanted {
    /// Some write all of a body before they read why it was refused. 16 MiB cost us little, and with more than that
    /// they are to find it out.
    private static final long BYTES_MAX = 16 << 20;

    private long bytes;

    /// Passes over the bytes. False once they were too many: the client is to be reset.
    public boolean drop(ByteBuf in) {
        bytes += in.readableBytes();
        in.skipBytes(in.readableBytes());
        return bytes <= BYTES_MAX;
    }
}
