package dev.fairlead.http.h2;

import io.netty.handler.codec.http2.Http2Stream;

/// Bytes that came on a stream and that its window is not opened for again before they are taken. Its loop only.
final class Owed {
    private final Framing framing;
    private boolean isWanted = true;
    private int bytes;

    Owed(Framing framing) {
        this.framing = framing;
    }

    /// So many have come. How many may be sent in their place at once.
    int came(int size) {
        if (isWanted) {
            return size;
        }
        bytes += size;
        return 0;
    }

    /// So many had come before, and were not given back.
    void add(int size) {
        bytes += size;
    }

    void want(boolean want, Http2Stream stream) {
        isWanted = want;
        if (want && bytes > 0) {
            int opened = bytes;
            bytes = 0;
            framing.consume(stream, opened);
        }
    }

    boolean isWanted() {
        return isWanted;
    }
}
