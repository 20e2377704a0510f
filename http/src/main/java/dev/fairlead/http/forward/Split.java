package dev.fairlead.http.forward;

import dev.fairlead.config.HashKeySpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.config.ShareSpec;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import dev.fairlead.upstream.balance.Hash;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Upstreams that share the exchanges of a route by weight.
///
/// The weights lie end to end on a line, and each exchange is a point on it. Without a key the points follow each
/// other by the golden ratio (Weyl's sequence), which keeps every share exact to a few exchanges at any time. With
/// one the point is a hash of it, so that a changed weight moves only the clients at the borders. An upstream whose
/// endpoints are all out leaves the line, until one is back. Any thread.
final class Split {
    private static final long GOLDEN_RATIO = 0x9e3779b97f4a7c15L;

    private final List<ShareSpec> shares;
    private final Upstream[] upstreams;
    private final int[] weights;
    private final @Nullable HashKey key;
    private final @Nullable String cookie;
    private final AtomicLong turn = new AtomicLong();

    private Split(List<ShareSpec> shares, Upstream[] upstreams, int[] weights, @Nullable HashKeySpec by) {
        this.shares = shares;
        this.upstreams = upstreams;
        this.weights = weights;
        this.key = by == null ? null : HashKey.of(by);
        this.cookie = by == null ? null : by.cookie();
    }

    /// Control thread.
    static Split of(RouteSpec route, Upstreams upstreams) {
        List<ShareSpec> shares = route.split();
        return new Split(
                shares,
                shares.stream().map(each -> upstreams.get(each.upstream())).toArray(Upstream[]::new),
                shares.stream().mapToInt(ShareSpec::weight).toArray(),
                route.splitBy());
    }

    Upstream choose(Exchange exchange) {
        return at(point(exchange));
    }

    /// As [#choose], where that is neither a matter of turns nor of chance; else null. Changes nothing.
    @Nullable
    Upstream foresee(Exchange exchange) {
        if (key == null || key instanceof HashKey.SourceAddressAndPort) {
            return null;
        }
        long hash = exchange.hash(key);
        if (hash == Choice.NO_KEY && cookie == null) {
            hash = exchange.hash(HashKey.SOURCE_ADDRESS);
        }
        return hash == Choice.NO_KEY ? null : at(hash);
    }

    List<ShareSpec> shares() {
        return shares;
    }

    Upstream upstream(int share) {
        return upstreams[share];
    }

    private long point(Exchange exchange) {
        if (key == null) {
            return turn.getAndIncrement() * GOLDEN_RATIO;
        }
        long hash = exchange.hash(key);
        if (hash != Choice.NO_KEY) {
            return hash;
        }
        if (cookie == null) {
            return exchange.hash(HashKey.SOURCE_ADDRESS);
        }
        long id = ThreadLocalRandom.current().nextLong();
        exchange.splitId(id);
        return Hash.of(text(id));
    }

    /// The upstream at this part of the line, of those that have an endpoint to use; of all when none has.
    private Upstream at(long point) {
        long usable = 0;
        long all = 0;
        for (int i = 0; i < weights.length; i++) {
            all += weights[i];
            usable += upstreams[i].isUsable() ? weights[i] : 0;
        }
        boolean any = usable == 0;
        long left = Math.unsignedMultiplyHigh(point, any ? all : usable);
        for (int i = 0; i < weights.length; i++) {
            if (any || upstreams[i].isUsable()) {
                left -= weights[i];
                if (left < 0) {
                    return upstreams[i];
                }
            }
        }
        // An endpoint came or went in between.
        return upstreams[0];
    }

    /// Gives a client the cookie that it came without (RFC 6265). It is random, names nobody, and is not signed: who
    /// changes it takes another part of the line.
    void answer(Exchange exchange, Fields fields, Bytes scratch) {
        if (cookie != null && exchange.splitId() != 0) {
            scratch.clear()
                    .put(cookie)
                    .put((byte) '=')
                    .put(text(exchange.splitId()))
                    .put("; Path=/; HttpOnly; SameSite=Lax");
            fields.add(FieldName.SET_COOKIE, scratch.array(), 0, scratch.length());
        }
    }

    private static String text(long id) {
        return Long.toHexString(id);
    }
}
