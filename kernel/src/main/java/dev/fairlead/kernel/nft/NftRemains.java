package dev.fairlead.kernel.nft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Our table of nftables, looked at from outside: by an operator's command, whether a process has it or not. `process`
/// is null when none runs that has it.
public record NftRemains(String table, @Nullable Long process, long generation, List<Listener> listeners, long flows) {
    public NftRemains {
        listeners = List.copyOf(listeners);
    }

    /// A listener with all its addresses, and how many endpoints are counted for it.
    public record Listener(String address, String protocol, int endpoints) {}

    /// Null when there is no such table of ours.
    public static @Nullable NftRemains read(String table) throws IOException {
        // libnftables ends the process where Linux gives it no such socket: ours is refused first.
        try (Netfilter netfilter = Netfilter.open();
                Nft nft = Nft.open()) {
            Holding holding = Holding.of(nft, table);
            if (holding == null) {
                return null;
            }
            Collection<Placed> placed = Table.listeners(nft, table).values();
            Set<Seat> seats = Counts.of(netfilter, table).seats();
            List<Listener> listeners = new ArrayList<>();
            for (Placed each : placed) {
                long endpoints = seats.stream()
                        .filter(seat -> each.doors().contains(seat.door()))
                        .map(Seat::endpoint)
                        .distinct()
                        .count();
                listeners.add(new Listener(text(each), each.lead().protocol(), (int) endpoints));
            }
            listeners.sort(Comparator.comparing(Listener::address));
            return new NftRemains(
                    table,
                    holding.holder().isAlive() ? holding.holder().process() : null,
                    holding.generation(),
                    listeners,
                    flows(placed).size());
        }
    }

    /// Whether there is one that no living process has: it goes on taking packets of its listeners, before sockets see
    /// them.
    static boolean isAbandoned(String table) throws IOException {
        try (Netfilter _ = Netfilter.open();
                Nft nft = Nft.open()) {
            Holding holding = Holding.of(nft, table);
            return holding != null && !holding.holder().isAlive();
        }
    }

    private static String text(Placed placed) {
        return placed.doors().stream()
                .map(each -> each.range().toString())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static List<Tracked> flows(Collection<Placed> placed) throws IOException {
        Set<Door> doors = placed.stream().flatMap(each -> each.doors().stream()).collect(Collectors.toSet());
        List<Door> wide = doors.stream().filter(Door::isWide).toList();
        List<Tracked> theirs = new ArrayList<>();
        try (Conntrack conntrack = Conntrack.open(false)) {
            conntrack.each(flow -> {
                Door its = flow.seat().door();
                if (doors.contains(its) || wide.stream().anyMatch(its::clashesWith)) {
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
            List<Tracked> theirs = flows(Table.listeners(nft, table).values());
            Table.delete(nft, table);
            for (Tracked each : theirs) {
                conntrack.delete(each);
            }
        }
    }
}
