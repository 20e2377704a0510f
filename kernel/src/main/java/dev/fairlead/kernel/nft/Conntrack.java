package dev.fairlead.kernel.nft;

import dev.fairlead.kernel.Family;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Linux's own table of flows: linux/netfilter/nfnetlink_conntrack.h. One thread at a time.
final class Conntrack implements AutoCloseable {
    private static final int SUBSYSTEM = 1 << 8;
    private static final int GET = SUBSYSTEM | 1;
    private static final int DELETE = SUBSYSTEM | 2;
    private static final int GROUP_DESTROYED = 3;

    /// Of the attribute that is the status: which of its bits are asked for.
    private static final int STATUS_MASK = 26;

    /// Ends of some ten thousand flows, until they are heard.
    private static final int ROOM_BYTES = 16 << 20;

    private final Netfilter requests;
    private final @Nullable Netfilter ends;

    private Conntrack(Netfilter requests, @Nullable Netfilter ends) {
        this.requests = requests;
        this.ends = ends;
    }

    /// `hearsEnds`: whether [#ended] will be called, again and again.
    static Conntrack open(boolean hearsEnds) throws IOException {
        Netfilter requests = Netfilter.open();
        try {
            return new Conntrack(requests, hearsEnds ? Netfilter.open(GROUP_DESTROYED, ROOM_BYTES) : null);
        } catch (IOException failed) {
            requests.close();
            throw failed;
        }
    }

    /// Every flow with another destination than its packets had, whoever gave it that.
    void each(Consumer<Tracked> seen) throws IOException {
        Request request = new Request(GET, 0)
                .i32(TrackedMessage.STATUS, TrackedMessage.STATUS_DNAT)
                .i32(STATUS_MASK, TrackedMessage.STATUS_DNAT);
        requests.each(request, attributes -> read(attributes, seen));
    }

    /// The flows of these that have ended since the last time; an end that there was no room for is not told.
    void ended(Consumer<Tracked> seen) throws IOException {
        if (ends != null) {
            ends.hear(attributes -> read(attributes, seen));
        }
    }

    private static void read(Attributes attributes, Consumer<Tracked> seen) {
        Tracked flow = TrackedMessage.read(attributes);
        if (flow != null) {
            seen.accept(flow);
        }
    }

    /// Has Linux forget a flow: false when it had already.
    boolean delete(Tracked flow) throws IOException {
        Door door = flow.seat().door();
        boolean isIpv4 = door.family() == Family.IPV4;
        Request request = new Request(DELETE, door.family().number());
        int tuple = request.begin(TrackedMessage.TUPLE_ORIGINAL);
        int ip = request.begin(1);
        request.value(isIpv4 ? 1 : 3, flow.client().getAddress().getAddress())
                .value(isIpv4 ? 2 : 4, door.range().ip().getAddress())
                .end(ip);
        int transport = request.begin(2);
        request.u8(1, door.transport().number())
                .u16(2, flow.client().getPort())
                .u16(3, door.range().firstPort())
                .end(transport);
        request.end(tuple).i32(TrackedMessage.ID, flow.id());
        return requests.run(request) == 0;
    }

    @Override
    public void close() {
        requests.close();
        if (ends != null) {
            ends.close();
        }
    }
}
