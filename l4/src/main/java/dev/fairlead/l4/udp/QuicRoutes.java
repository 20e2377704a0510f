package dev.fairlead.l4.udp;

import dev.fairlead.metrics.Counter;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// To which endpoint a QUIC packet from an address that is not known belongs, by the connection id that its server
/// chose: either the server's own id is in it ([ServerIdReader]), or it was seen in a handshake. Any thread.
final class QuicRoutes {
    private final ServerIdReader serverIds;
    private final int learnedMax;
    private final ConnectionIds learned;
    private final Counter byServerId;
    private final Counter byLearned;

    QuicRoutes(ServerIdReader serverIds, int learnedMax, ConnectionIds learned, Counter byServerId, Counter byLearned) {
        this.serverIds = serverIds;
        this.learnedMax = learnedMax;
        this.learned = learned;
        this.byServerId = byServerId;
        this.byLearned = byLearned;
    }

    /// The endpoint to which the packet's connection belongs, or null: the balancer has to choose.
    @Nullable
    Endpoint endpoint(ByteBuf datagram, Upstream upstream) {
        int at = QuicHeader.peekServersIdAt(datagram);
        if (at < 0) {
            return null;
        }
        int most = QuicHeader.peekServersIdLengthMax(datagram, at);
        Endpoint named = named(datagram, at, most, upstream);
        if (named != null) {
            byServerId.increment();
            return named;
        }
        Association owner = owner(datagram, at, most);
        if (owner != null
                && owner.terms().upstream() == upstream
                && owner.endpoint().keepsFlows(upstream.isPanicking())) {
            byLearned.increment();
            return owner.endpoint();
        }
        return null;
    }

    private @Nullable Endpoint named(ByteBuf datagram, int at, int most, Upstream upstream) {
        if (!serverIds.peekIsOurs(datagram, at, most)) {
            return null;
        }
        byte[] read = serverIds.peek(datagram, at);
        for (Endpoint each : upstream.endpoints()) {
            String id = each.spec().serverId();
            if (id != null && isIt(read, id) && each.keepsFlows(upstream.isPanicking())) {
                return each;
            }
        }
        return null;
    }

    private boolean isIt(byte[] read, String hex) {
        if (hex.length() != 2 * serverIds.idLength()) {
            return false;
        }
        for (int i = 0; i < hex.length(); i++) {
            int octet = read[i / 2];
            if (Character.digit(hex.charAt(i), 16) != (i % 2 == 0 ? octet >> 4 & 0xf : octet & 0xf)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Association owner(ByteBuf datagram, int at, int most) {
        if (learned.size() == 0) {
            return null;
        }
        // An id may begin with another: the longest tells.
        for (int length = most; length > 0; length--) {
            if (learned.has(length)) {
                Association owner = learned.owner(ConnectionId.peek(datagram, at, length));
                if (owner != null) {
                    return owner;
                }
            }
        }
        return null;
    }

    /// An association has begun with this packet: an id in it that was learned is its own from now on.
    void adopt(ByteBuf datagram, Association association) {
        int at = QuicHeader.peekServersIdAt(datagram);
        Association before = at < 0 ? null : owner(datagram, at, QuicHeader.peekServersIdLengthMax(datagram, at));
        ConnectionId id = before == null ? null : before.learned();
        if (id != null && id.peekIsAt(datagram, at, id.length()) && learned.put(id, association, learnedMax)) {
            association.learned(id);
        }
    }

    /// A packet of the server, which may say by which id it wants to be called.
    void learn(ByteBuf datagram, Association association) {
        int at = QuicHeader.peekSourceIdAt(datagram);
        if (at < 0) {
            return;
        }
        int length = datagram.getUnsignedByte(at - 1);
        ConnectionId known = association.learned();
        if (known != null && known.peekIsAt(datagram, at, length)) {
            return;
        }
        if (serverIds.peekIsOurs(datagram, at, length)) {
            return;
        }
        ConnectionId id = ConnectionId.peek(datagram, at, length);
        if (learned.put(id, association, learnedMax)) {
            if (known != null) {
                learned.remove(known, association);
            }
            association.learned(id);
        }
    }

    /// The association is over.
    void forget(Association association) {
        ConnectionId id = association.learned();
        if (id != null) {
            learned.remove(id, association);
        }
    }
}
