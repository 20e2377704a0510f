package dev.fairlead.http.forward;

import dev.fairlead.config.PoolSpec;
import dev.fairlead.http.codec.IdleOwner;
import dev.fairlead.http.codec.UpstreamConnection;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The idle connections of one loop, by endpoint. The one used last is used next, so that the others grow old and
/// leave. This loop only.
final class Pool implements IdleOwner {
    private final Loop loop;
    private final IdentityHashMap<Endpoint, ArrayDeque<UpstreamConnection>> idle = new IdentityHashMap<>();

    Pool(Loop loop) {
        this.loop = loop;
    }

    /// One that was opened under the same terms: a connection of before a reload is no proof of what is asked for now.
    @Nullable
    UpstreamConnection take(Endpoint endpoint, @Nullable Origination origination) {
        ArrayDeque<UpstreamConnection> kept = idle.get(endpoint);
        if (kept == null) {
            return null;
        }
        for (var newest = kept.descendingIterator(); newest.hasNext(); ) {
            UpstreamConnection connection = newest.next();
            if (connection.isFree(origination)) {
                newest.remove();
                connection.awaitNothing();
                return connection;
            }
        }
        return null;
    }

    /// Keeps the connection as long as `spec` says; with the most of them there already, the oldest goes.
    @Override
    public void onFree(UpstreamConnection connection, PoolSpec spec, long nowNanos) {
        Endpoint endpoint = connection.endpoint();
        if (!connection.isReusable() || endpoint.isConnectionWantedElsewhere(loop.eventLoop())) {
            connection.close();
            return;
        }
        connection.wantAnswer(true);
        int max = spec.idleMax();
        long tooOldNanos = connection.madeNanos() + spec.maxAge().toNanos();
        long idleNanos = nowNanos + spec.idleTimeout().toNanos();
        if (max == 0 || endpoint.isGone() || nowNanos - tooOldNanos >= 0) {
            connection.close();
            return;
        }
        ArrayDeque<UpstreamConnection> kept = idle.computeIfAbsent(endpoint, _ -> new ArrayDeque<>());
        if (kept.size() >= max) {
            UpstreamConnection oldest = kept.pollFirst();
            if (oldest != null) {
                oldest.close();
            }
        }
        connection.idleUntil(tooOldNanos - idleNanos < 0 ? tooOldNanos : idleNanos);
        kept.addLast(connection);
    }

    @Override
    public void onLost(UpstreamConnection connection) {
        ArrayDeque<UpstreamConnection> kept = idle.get(connection.endpoint());
        if (kept != null) {
            kept.remove(connection);
            if (kept.isEmpty()) {
                idle.remove(connection.endpoint());
            }
        }
    }

    /// Closes every idle connection.
    void close() {
        // Closing one takes it off its queue.
        List<UpstreamConnection> all =
                idle.values().stream().flatMap(ArrayDeque::stream).toList();
        all.forEach(UpstreamConnection::close);
    }
}
