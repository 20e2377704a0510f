package dev.fairlead.kernel.nft;

import dev.fairlead.kernel.Account;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What the counters of a table say: linux/netfilter/nf_tables.h.
final class Counts {
    private static final int GET = (10 << 8) | 19;
    private static final int NFPROTO_INET = 1;
    private static final int TABLE = 1;
    private static final int NAME = 2;
    private static final int TYPE = 3;
    private static final int DATA = 4;
    private static final int COUNTERS = 1;
    private static final Count NONE = new Count(0, 0);

    private final Map<String, Count> byName = new HashMap<>();

    private record Count(long packets, long bytes) {}

    static Counts of(Netfilter netfilter, String table) throws IOException {
        Counts all = new Counts();
        netfilter.each(new Request(GET, NFPROTO_INET).text(TABLE, table).i32(TYPE, COUNTERS), all::add);
        return all;
    }

    private void add(Attributes counter) {
        String name = "";
        Count count = NONE;
        while (counter.next()) {
            switch (counter.type()) {
                case NAME -> name = counter.text();
                case DATA -> count = count(counter.inside());
                default -> {}
            }
        }
        byName.put(name, count);
    }

    private static Count count(Attributes data) {
        long bytes = 0;
        long packets = 0;
        while (data.next()) {
            switch (data.type()) {
                case 1 -> bytes = data.i64();
                case 2 -> packets = data.i64();
                default -> {}
            }
        }
        return new Count(packets, bytes);
    }

    Account.Count of(Seat seat) {
        Count begun = byName.getOrDefault(seat.counter(Skeleton.BEGUN), NONE);
        Count in = byName.getOrDefault(seat.counter(Skeleton.IN), NONE);
        Count out = byName.getOrDefault(seat.counter(Skeleton.OUT), NONE);
        return new Account.Count(begun.packets, in.packets, in.bytes, out.packets, out.bytes);
    }

    /// Packets that would have begun a flow, had there been an endpoint.
    long refused(Door door) {
        return byName.getOrDefault(Part.refused(door), NONE).packets;
    }

    Set<Seat> seats() {
        Set<Seat> all = new HashSet<>();
        for (String each : byName.keySet()) {
            Seat seat = Seat.ofCounter(each);
            if (seat != null) {
                all.add(seat);
            }
        }
        return all;
    }
}
