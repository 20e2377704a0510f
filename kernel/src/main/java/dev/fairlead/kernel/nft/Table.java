package dev.fairlead.kernel.nft;

import dev.fairlead.upstream.balance.Hash;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Our table of nftables, and nobody else's. Each change is one transaction. It names everything by addresses, so that
/// the next process finds its way. The control thread and the sweeping thread.
final class Table {
    private static final Logger LOG = LoggerFactory.getLogger(Table.class);
    private static final Pattern LISTENER = Pattern.compile("goto to_(tcp|udp)_([^_\\s]+)_(\\d+)");
    private static final Pattern MARK = Pattern.compile("comment \"part ([0-9a-f]+)\"");
    private static final List<String> COUNTERS = List.of(Skeleton.BEGUN, Skeleton.IN, Skeleton.OUT);

    private final Nft nft;
    private final Netfilter netfilter;
    private final String name;

    // guarded by this
    private final Map<Door, String> marks = new HashMap<>();
    private final Set<Seat> seats = new HashSet<>();
    private final Set<Door> found = new HashSet<>();

    // Those that flows are sent to.
    private final Map<Door, Set<Seat>> given = new HashMap<>();

    private boolean hasFound;

    private Table(Nft nft, Netfilter netfilter, String name) {
        this.nft = nft;
        this.netfilter = netfilter;
        this.name = name;
    }

    /// Takes the table for this process, with what another has left in it.
    static Table hold(Nft nft, Netfilter netfilter, String name, List<String> interfaces) throws IOException {
        Table table = new Table(nft, netfilter, name);
        Holding before = holding(nft, name);
        if (before != null && before.holder().isAlive() && !before.holder().isThisProcess()) {
            throw new IOException("the Fairlead with process number "
                    + before.holder().process() + " has the table " + name + " (`kernel: {table: ...}`)");
        }
        if (before == null && nft.list("table inet " + name) != null) {
            throw new IOException("there is a table " + name
                    + " that no Fairlead has made: give another name (`kernel: {table: ...}`)");
        }
        Script script = new Script(name);
        Holding mine = Holding.first();
        if (before != null && before.shape() != Holding.SHAPE) {
            script.table("delete");
        } else if (before != null) {
            mine = mine.after(before);
            table.find();
        }
        Skeleton.write(script, interfaces, mine.comment());
        nft.run(script);
        return table;
    }

    /// Who has a table; null when there is none of ours.
    static @Nullable Holding holding(Nft nft, String name) throws IOException {
        String listing = nft.list("chain inet " + name + " " + Skeleton.HOLDING);
        return listing == null ? null : Holding.in(listing);
    }

    /// The listeners that a table has.
    static Set<Door> listeners(Nft nft, String name) throws IOException {
        Set<Door> all = new HashSet<>();
        for (String version : Skeleton.VERSIONS) {
            Matcher each = LISTENER.matcher(
                    Objects.requireNonNullElse(nft.list("map inet " + name + " " + Skeleton.LISTENERS + version), ""));
            while (each.find()) {
                all.add(Door.of(each.group(1), each.group(2), each.group(3)));
            }
        }
        return all;
    }

    synchronized Counts counts() throws IOException {
        return Counts.of(netfilter, name);
    }

    private void find() throws IOException {
        found.addAll(listeners(nft, name));
        hasFound = true;
        seats.addAll(counts().seats());
        for (Door each : found) {
            Matcher mark = MARK.matcher(
                    Objects.requireNonNullElse(nft.list("chain inet " + name + " " + Part.outgoing(each)), ""));
            if (mark.find()) {
                marks.put(each, mark.group(1));
            }
        }
        LOG.atInfo()
                .addKeyValue("listeners", found.size())
                .addKeyValue("endpoints", seats.size())
                .log("an earlier Fairlead has left its flows in the kernel: they go on");
    }

    /// Whether an earlier process has left the table.
    synchronized boolean hasFound() {
        return hasFound;
    }

    /// Listeners of an earlier process that nobody has claimed yet.
    synchronized Set<Door> unclaimed() {
        return Set.copyOf(found);
    }

    /// Whether an earlier process has left this listener. It has an owner again.
    synchronized boolean claim(Door door) {
        return found.remove(door);
    }

    /// Puts a listener there, or in the place of what it was. Nothing happens when it is as it was: turns go on.
    synchronized void put(Part part) throws IOException {
        Door door = part.door();
        Set<Seat> all =
                part.endpoints().stream().map(each -> new Seat(door, each)).collect(Collectors.toSet());
        Script chains = new Script(name);
        part.write(chains);
        String mark = Long.toHexString(Hash.of(chains.toString()));
        if (mark.equals(marks.get(door))) {
            given.put(door, all);
            return;
        }
        Script script = new Script(name);
        script.add("counter", Part.refused(door), "");
        Set<Seat> fresh = new HashSet<>();
        for (Seat each : all) {
            if (!seats.contains(each)) {
                fresh.add(each);
                putCounters(script, each);
            }
        }
        part.write(script);
        script.rule(Part.outgoing(door), "continue comment \"part " + mark + '"');
        script.put(Skeleton.LISTENERS + door.version(), door.key() + " : goto " + Part.incoming(door));
        script.put(Skeleton.LEAVING + door.version(), door.key() + " : goto " + Part.outgoing(door));
        script.put(Skeleton.STRAYS + door.version(), door.key() + " : goto " + Part.stray(door));
        nft.run(script);
        seats.addAll(fresh);
        marks.put(door, mark);
        given.put(door, all);
    }

    private static void putCounters(Script script, Seat seat) {
        script.put(Skeleton.ENDPOINTS + seat.door().version(), seat.endpointKey());
        for (String map : COUNTERS) {
            script.add("counter", seat.counter(map), "");
            script.put(map + seat.door().version(), seat.key() + " : \"" + seat.counter(map) + '"');
        }
    }

    /// Takes a listener out; its flows in conntrack go on, and are counted.
    synchronized void remove(Door door) throws IOException {
        Script script = new Script(name);
        for (String map : List.of(Skeleton.LISTENERS, Skeleton.LEAVING, Skeleton.STRAYS)) {
            script.take(map + door.version(), door.key());
        }
        for (String chain : List.of(Part.incoming(door), Part.outgoing(door), Part.stray(door))) {
            script.delete("chain", chain);
        }
        script.delete("counter", Part.refused(door));
        nft.run(script);
        marks.remove(door);
        given.remove(door);
        found.remove(door);
    }

    /// The endpoints of a listener that are counted.
    synchronized Set<Seat> seats(Door door) {
        return seats.stream().filter(each -> each.door().equals(door)).collect(Collectors.toSet());
    }

    /// Takes out the counters of endpoints that have no flow, except those that are given some meanwhile.
    synchronized void forget(Set<Seat> idle) throws IOException {
        Set<Seat> gone = new HashSet<>(idle);
        given.values().forEach(gone::removeAll);
        Script script = new Script(name);
        for (Seat each : gone) {
            if (seats.contains(each)) {
                for (String map : COUNTERS) {
                    script.take(map + each.door().version(), each.key());
                    script.delete("counter", each.counter(map));
                }
            }
        }
        Set<Seat> kept = new HashSet<>(seats);
        kept.removeAll(gone);
        Set<String> used = kept.stream().map(Seat::endpointKey).collect(Collectors.toSet());
        gone.stream()
                .filter(seats::contains)
                .filter(each -> !used.contains(each.endpointKey()))
                .map(each -> Map.entry(Skeleton.ENDPOINTS + each.door().version(), each.endpointKey()))
                .distinct()
                .forEach(each -> script.take(each.getKey(), each.getValue()));
        if (!script.isEmpty()) {
            nft.run(script);
        }
        seats.retainAll(kept);
    }

    /// Takes the whole table out of Linux.
    void delete() throws IOException {
        delete(nft, name);
    }

    static void delete(Nft nft, String name) throws IOException {
        Script script = new Script(name);
        script.table("delete");
        nft.run(script);
    }
}
