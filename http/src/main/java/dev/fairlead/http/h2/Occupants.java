package dev.fairlead.http.h2;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The attempts that are on the streams of one HTTP/2 connection to an endpoint. Its loop only.
final class Occupants {
    private final Framing framing;
    private final Http2Connection.PropertyKey key;
    private final List<H2Attempt> touched = new ArrayList<>();

    Occupants(Framing framing) {
        this.framing = framing;
        this.key = framing.connection().newKey();
    }

    void put(H2Attempt attempt, Http2Stream on) {
        on.setProperty(key, attempt);
    }

    @Nullable
    H2Attempt on(int streamId) {
        Http2Stream stream = framing.connection().stream(streamId);
        return stream == null ? null : on(stream);
    }

    @Nullable
    H2Attempt on(Http2Stream stream) {
        return stream.getProperty(key);
    }

    /// Those on streams that are open, behind this one.
    void eachBehind(int streamId, Consumer<H2Attempt> act) {
        for (Http2Stream stream : framing.streams()) {
            H2Attempt attempt = stream.id() > streamId ? on(stream) : null;
            if (attempt != null) {
                act.accept(attempt);
            }
        }
    }

    /// Something came for it: it is told when no more has arrived for now.
    void touch(H2Attempt attempt) {
        touched.add(attempt);
    }

    void onReadComplete() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).onReadComplete();
        }
        touched.clear();
    }
}
