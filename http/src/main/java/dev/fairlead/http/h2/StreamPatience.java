package dev.fairlead.http.h2;

import dev.fairlead.http.codec.Patience;
import dev.fairlead.http.exchange.Fault;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/// How long a client is waited for on one stream: for more of its request, or to take more of its response. Made
/// ready when it is first needed, for most exchanges wait for nobody. Its loop only; its owner ends it.
final class StreamPatience implements Patience.Owner {
    private final H2Connection connection;
    private final Http2Stream stream;
    private final H2Exchange exchange;

    private @Nullable Patience patience;
    private long sentBytes;
    private long connectionTaken;

    StreamPatience(H2Connection connection, Http2Stream stream, H2Exchange exchange) {
        this.connection = connection;
        this.stream = stream;
        this.exchange = exchange;
    }

    /// For more of the body, of which so many bytes have come.
    void body(long bytes) {
        made().body(System.nanoTime(), bytes);
    }

    /// For nothing now.
    void rest() {
        if (patience != null) {
            patience.rest();
        }
    }

    /// So many bytes more are on their way to the client.
    void sent(int bytes) {
        sentBytes += bytes;
    }

    /// For the client to take what was sent, if anything waits.
    void taking() {
        if (patience != null || connection.framing.pendingBytes(stream) > 0) {
            connectionTaken = connection.framing.takenBytes();
            made().taking(System.nanoTime(), takenBytes());
        }
    }

    /// It takes again as fast as we send.
    void taken() {
        if (patience != null) {
            patience.taken(System.nanoTime(), takenBytes());
        }
    }

    @Override
    public void onOverdue(Patience.Waiting waiting) {
        Patience over = made();
        if (waiting == Patience.Waiting.BODY) {
            exchange.abort(over.wasSlow() ? Fault.REQUEST_TOO_SLOW : Fault.REQUEST_TIMEOUT, limit(over));
        } else if (!connection.framing.isWindowShut(stream) && connection.framing.takenBytes() > connectionTaken) {
            // It is the turn of others on the connection.
            over.refill();
            taking();
        } else if (!over.takes(System.nanoTime(), takenBytes())) {
            exchange.fault(over.wasSlow() ? Fault.DOWNSTREAM_TOO_SLOW : Fault.DOWNSTREAM_STALLED, limit(over));
            exchange.cutOff();
        }
    }

    private static String limit(Patience over) {
        return over.wasSlow() ? "limits.min-rate" : "timeouts.body";
    }

    private long takenBytes() {
        return sentBytes - connection.framing.pendingBytes(stream);
    }

    private Patience made() {
        Patience made = patience;
        if (made == null) {
            made = new Patience(connection.loop, connection.timeouts, connection.limits.minRate(), this);
            patience = made;
        }
        return made;
    }

    void end() {
        if (patience != null) {
            patience.end();
        }
    }
}
