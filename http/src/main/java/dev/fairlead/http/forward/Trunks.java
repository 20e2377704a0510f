package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.h2.H2Trunk;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The HTTP/2 connections of one loop, by endpoint, and those on their way. The one that is there longest is filled
/// first, so that the others can leave when there is less to do. This loop only.
final class Trunks implements H2Trunk.Owner {
    private final Loop loop;
    private final Bytes scratch;
    private final IdentityHashMap<Endpoint, List<H2Trunk>> standing = new IdentityHashMap<>();
    private final IdentityHashMap<Endpoint, List<Reaching>> coming = new IdentityHashMap<>();

    Trunks(Loop loop, Bytes scratch) {
        this.loop = loop;
        this.scratch = scratch;
    }

    /// A place on a connection that stands; null: none has one.
    @Nullable
    Conduit take(Endpoint endpoint, @Nullable Origination origination, long nowNanos) {
        for (H2Trunk trunk : standing.getOrDefault(endpoint, List.of())) {
            if (trunk.hasRoom(origination, nowNanos)) {
                return trunk.take();
            }
        }
        return null;
    }

    /// Whether one is on its way that has room: nobody needs to open another.
    boolean isComing(Endpoint endpoint, @Nullable Origination origination) {
        return find(endpoint, origination) != null;
    }

    private @Nullable Reaching find(Endpoint endpoint, @Nullable Origination origination) {
        for (Reaching each : coming.getOrDefault(endpoint, List.of())) {
            if (each.hasRoom(origination)) {
                return each;
            }
        }
        return null;
    }

    /// Lets the attempt wait for a connection that [#isComing], or for one that it has the right to open.
    void reach(
            Attempt attempt,
            UpstreamSpec upstream,
            UpstreamHttp2Spec spec,
            @Nullable Origination origination,
            long nowNanos) {
        Endpoint endpoint = attempt.endpoint();
        Reaching there = find(endpoint, origination);
        if (there != null) {
            there.join(attempt);
            return;
        }
        var trunk = new H2Trunk(loop, endpoint, this, spec, upstream.pool(), scratch);
        var reaching = new Reaching(this, trunk, spec, origination, nowNanos);
        reaching.begin(upstream);
        reaching.join(attempt);
        coming.computeIfAbsent(endpoint, _ -> new ArrayList<>(1)).add(reaching);
    }

    /// It is over; `trunk` stands, unless it is null.
    void reached(Reaching reaching, @Nullable H2Trunk trunk) {
        Endpoint endpoint = reaching.endpoint();
        forget(coming, endpoint, reaching);
        if (trunk != null) {
            standing.computeIfAbsent(endpoint, _ -> new ArrayList<>(1)).add(trunk);
        }
    }

    @Override
    public void onLost(H2Trunk trunk) {
        forget(standing, trunk.endpoint(), trunk);
    }

    private static <T> void forget(IdentityHashMap<Endpoint, List<T>> from, Endpoint endpoint, T gone) {
        List<T> all = from.get(endpoint);
        if (all != null && all.remove(gone) && all.isEmpty()) {
            from.remove(endpoint);
        }
    }

    /// Closes every one on which nothing is under way, and the others as soon as that is so.
    void close() {
        // Closing one takes it off its list.
        List<H2Trunk> all = standing.values().stream().flatMap(List::stream).toList();
        all.forEach(H2Trunk::retire);
    }
}
