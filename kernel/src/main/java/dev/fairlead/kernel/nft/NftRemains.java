package dev.fairlead.kernel.nft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Our table of nftables, looked at from outside: by an operator's command, whether a process has it or not. `process`
/// is null when none runs that has it.
public record NftRemains(String table, @Nullable Long process, long generation, List<Listener> listeners, long flows) {
    public NftRemains {
        listeners = List.copyOf(listeners);
    }

    /// A listener, and how many endpoints are counted for it.
    public record Listener(String address, String protocol, int endpoints) {}

    /// Null when there is no such table of ours.
    public static @Nullable NftRemains read(String table) throws IOException {
        // libnftables ends the process where Linux gives it no such socket: ours is refused first.
        try (Netfilter netfilter = Netfilter.open();
                Nft nft = Nft.open()) {
            Holding holding = Table.holding(nft, table);
            if (holding == null) {
                return null;
            }
            Set<Door> doors = Table.listeners(nft, table);
            Set<Seat> seats = Counts.of(netfilter, table).seats();
            List<Listener> listeners = new ArrayList<>();
            for (Door each : doors) {
                long endpoints =
                        seats.stream().filter(seat -> seat.door().equals(each)).count();
                listeners.add(new Listener(each.text(), each.protocol(), (int) endpoints));
            }
            listeners.sort(Comparator.comparing(Listener::address));
            return new NftRemains(
                    table,
                    holding.holder().isAlive() ? holding.holder().process() : null,
                    holding.generation(),
                    listeners,
                    flows(doors).size());
        }
    }

    private static List<Tracked> flows(Set<Door> doors) throws IOException {
        List<Tracked> theirs = new ArrayList<>();
        try (Conntrack conntrack = Conntrack.open(false)) {
            conntrack.each(flow -> {
                if (doors.contains(flow.seat().door())) {
                    theirs.add(flow);
                }
            });
        }
        return theirs;
    }

    /// Takes it out of Linux, and its flows. No process has it.
    public static void clean(String table) throws IOException {
        try (Conntrack conntrack = Conntrack.open(false);
                Nft nft = Nft.open()) {
            List<Tracked> theirs = flows(Table.listeners(nft, table));
            Table.delete(nft, table);
            for (Tracked each : theirs) {
                conntrack.delete(each);
            }
        }
    }
}
