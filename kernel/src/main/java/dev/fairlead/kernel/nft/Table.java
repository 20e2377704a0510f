package dev.fairlead.kernel.nft;

import dev.fairlead.upstream.balance.Hash;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
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
    private static final Pattern LISTENER =
            Pattern.compile("(tcp|udp) \\. ([0-9a-f.:]+) \\. ([0-9-]+) : goto to_(tcp|udp)_([^_\\s]+)_([0-9-]+)");
    private static final Pattern MARK = Pattern.compile("comment \"part ([0-9a-f]+)\"");

    private final Nft nft;
    private final Netfilter netfilter;
    private final String name;
    private final List<String> interfaces;

    // guarded by this
    private final Map<Door, Set<Seat>> seats = new HashMap<>();
    private final Map<Door, Placed> found = new HashMap<>();
    private final Set<Door> claimed = new HashSet<>();

    // What was put there, by the door that leads.
    private final Map<Door, Part> parts = new HashMap<>();

    private Holding holding = Holding.first();
    private boolean hasFound;

    // How the table was when it was last looked at, unless it was changed here since; and which change that was.
    private @Nullable TableState state;
    private long handle;
    private int generation;

    private Table(Nft nft, Netfilter netfilter, String name, List<String> interfaces) {
        this.nft = nft;
        this.netfilter = netfilter;
        this.name = name;
        this.interfaces = List.copyOf(interfaces);
    }

    /// Takes the table for this process, with what another has left in it.
    static Table hold(Nft nft, Netfilter netfilter, String name, List<String> interfaces) throws IOException {
        Table table = new Table(nft, netfilter, name, interfaces);
        Holding before = Holding.of(nft, name);
        if (before != null && before.holder().isAlive() && !before.holder().isThisProcess()) {
            throw new IOException("the Fairlead with process number "
                    + before.holder().process() + " has the table " + name + " (`kernel: {table: ...}`)");
        }
        if (before == null && nft.list("table inet " + name) != null) {
            throw new IOException("there is a table " + name
                    + " that no Fairlead has made: give another name (`kernel: {table: ...}`)");
        }
        Script script = new Script(name);
        if (before != null && before.shape() != Holding.SHAPE) {
            script.table("delete");
        } else if (before != null) {
            table.holding = table.holding.after(before);
            table.find();
        }
        Skeleton.write(script, interfaces, table.holding.comment());
        table.run(script);
        table.handle = TableState.of(netfilter, name).handle();
        return table;
    }

    /// A change of somebody else just before or after it is none of ours: [#mend] looks what that was.
    private void run(Script script) throws IOException {
        boolean isAlone = TableState.generation(netfilter) == generation;
        nft.run(script);
        state = null;
        if (isAlone) {
            generation++;
        }
    }

    /// Whether somebody else had taken out something, or all of it, as `nft flush ruleset` does; it is there again,
    /// with
    /// counters that begin anew.
    synchronized boolean mend() throws IOException {
        int now = TableState.generation(netfilter);
        if (now == generation && state != null) {
            return false;
        }
        TableState seen = TableState.of(netfilter, name);
        // Without a state to compare with, what was written tells; an earlier process may have left more.
        boolean isWhole =
                state == null ? seen.handle() == handle && seen.rules() >= whole().rules() : seen.equals(state);
        if (now == generation || isWhole) {
            state = seen;
            generation = now;
            return false;
        }
        run(whole());
        handle = TableState.of(netfilter, name).handle();
        return true;
    }

    /// All of it, made anew.
    private Script whole() {
        Script script = new Script(name);
        script.table("add");
        script.table("delete");
        Skeleton.write(script, interfaces, holding.comment());
        all().forEach(each -> putCounters(script, each));
        parts.values().forEach(each -> {
            write(script, each);
            each.doors().forEach(door -> lead(script, door, each.lead()));
        });
        return script;
    }

    /// The listeners that a table has.
    static Map<Door, Placed> listeners(Nft nft, String name) throws IOException {
        Map<Door, Set<Door>> doors = new HashMap<>();
        for (String map : Skeleton.listeners()) {
            Matcher each = LISTENER.matcher(Objects.requireNonNullElse(nft.list("map inet " + name + " " + map), ""));
            while (each.find()) {
                Door lead = Door.of(each.group(4), each.group(5), each.group(6));
                doors.computeIfAbsent(lead, _ -> new HashSet<>())
                        .add(Door.of(each.group(1), each.group(2), each.group(3)));
            }
        }
        Map<Door, Placed> all = new HashMap<>();
        for (Map.Entry<Door, Set<Door>> each : doors.entrySet()) {
            Matcher mark = MARK.matcher(Objects.requireNonNullElse(
                    nft.list("chain inet " + name + " " + Part.outgoing(each.getKey())), ""));
            all.put(each.getKey(), new Placed(each.getKey(), each.getValue(), mark.find() ? mark.group(1) : ""));
        }
        return all;
    }

    synchronized Counts counts() throws IOException {
        return Counts.of(netfilter, name);
    }

    private void find() throws IOException {
        found.putAll(listeners(nft, name));
        hasFound = true;
        counts().seats().forEach(this::add);
        LOG.atInfo()
                .addKeyValue("listeners", found.size())
                .addKeyValue("endpoints", all().size())
                .log("an earlier Fairlead has left its flows in the kernel: they go on");
    }

    /// Whether an earlier process has left the table.
    synchronized boolean hasFound() {
        return hasFound;
    }

    /// Whether flows of an earlier process may come by these doors, though another listener has claimed what was there.
    synchronized boolean hasClaimed(Set<Door> doors) {
        return claimed.stream().anyMatch(each -> isAmong(doors, each));
    }

    /// Listeners of an earlier process that nobody has claimed, now that all have started.
    synchronized List<Placed> takeUnclaimed() {
        claimed.clear();
        return List.copyOf(found.values());
    }

    /// Takes the listener that was at one of these doors in an earlier process, the first of them that has one; null
    /// when none has, or another has taken it. Listeners that have become one with it stay unclaimed.
    synchronized @Nullable Placed claim(Set<Door> doors) {
        for (Door wanted : doors) {
            for (Placed each : found.values()) {
                if (each.doors().stream().anyMatch(door -> isAmong(Set.of(wanted), door))) {
                    claimed.addAll(each.doors());
                    return found.remove(each.lead());
                }
            }
        }
        return null;
    }

    /// Puts a listener there, in the place of what it was. Nothing happens when it is as it was: turns go on.
    synchronized Placed put(@Nullable Placed before, Part part) throws IOException {
        Set<Door> doors = new LinkedHashSet<>(part.doors());
        Script chains = new Script(name);
        part.write(chains);
        Placed after = new Placed(part.lead(), doors, Long.toHexString(Hash.of(chains.toString())));
        if (after.equals(before)) {
            parts.put(part.lead(), part);
            return after;
        }
        Script script = new Script(name);
        Set<Door> led = new HashSet<>();
        if (before != null) {
            boolean isLed = before.lead().equals(part.lead());
            for (Door each : before.doors()) {
                if (isLed && doors.contains(each)) {
                    led.add(each);
                } else {
                    unlead(script, each);
                }
            }
        }
        Set<Door> fresh = new LinkedHashSet<>(doors);
        fresh.removeAll(led);
        takeFromFound(script, fresh, part.lead());
        Set<Seat> counted = seats(part);
        Set<Seat> gone = inTheWay(fresh, counted);
        for (Seat each : gone) {
            // Flows that are under way are counted on, also those to endpoints that get no new ones.
            fresh.stream()
                    .filter(door -> door.clashesWith(each.door()))
                    .map(door -> new Seat(door, each.endpoint()))
                    .filter(seat -> counted.stream().noneMatch(seat::clashesWith))
                    .forEach(counted::add);
        }
        counted.removeIf(this::isCounted);
        take(script, gone, counted);
        counted.forEach(each -> putCounters(script, each));
        write(script, part);
        fresh.forEach(each -> lead(script, each, part.lead()));
        if (before != null && !before.lead().equals(part.lead())) {
            deleteChains(script, before.lead());
        }
        run(script);
        // Chains of that name are this listener's now.
        found.remove(part.lead());
        gone.forEach(this::drop);
        counted.forEach(this::add);
        if (before != null) {
            parts.remove(before.lead());
        }
        parts.put(part.lead(), part);
        return after;
    }

    private static Set<Seat> seats(Part part) {
        Set<Seat> all = new HashSet<>();
        for (Door door : part.doors()) {
            part.endpoints().forEach(each -> all.add(new Seat(door, each)));
        }
        return all;
    }

    /// What an earlier process had at these doors leads elsewhere from now on, and so does what led to these chains.
    private void takeFromFound(Script script, Set<Door> doors, Door lead) {
        found.replaceAll((_, each) -> {
            Set<Door> left = new HashSet<>();
            for (Door door : each.doors()) {
                if (each.lead().equals(lead) || isAmong(doors, door)) {
                    unlead(script, door);
                } else {
                    left.add(door);
                }
            }
            return new Placed(each.lead(), left, each.mark());
        });
    }

    /// Whether it is one of these, or was before its range changed.
    private static boolean isAmong(Set<Door> doors, Door door) {
        return doors.contains(door) || doors.stream().anyMatch(door::clashesWith);
    }

    /// The counters of doors that are no more as they were, and of endpoints that keep ports now, or did: what comes
    /// there is counted by others.
    private Set<Seat> inTheWay(Set<Door> fresh, Set<Seat> wanted) {
        Set<Seat> all = new HashSet<>();
        seats.forEach((door, its) -> {
            if (fresh.stream().anyMatch(each -> !each.equals(door) && each.clashesWith(door))) {
                all.addAll(its);
            }
        });
        wanted.forEach(each -> seats.getOrDefault(each.door(), Set.of()).stream()
                .filter(each::clashesWith)
                .forEach(all::add));
        return all;
    }

    private Set<Seat> all() {
        return seats.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
    }

    private boolean isCounted(Seat seat) {
        return seats.getOrDefault(seat.door(), Set.of()).contains(seat);
    }

    private void add(Seat seat) {
        seats.computeIfAbsent(seat.door(), _ -> new HashSet<>()).add(seat);
    }

    private void drop(Seat seat) {
        Set<Seat> its = seats.get(seat.door());
        if (its != null && its.remove(seat) && its.isEmpty()) {
            seats.remove(seat.door());
        }
    }

    private static void write(Script script, Part part) {
        script.add("counter", Part.refused(part.lead()), "");
        Script chains = script.another();
        part.write(chains);
        script.append(chains);
        String mark = Long.toHexString(Hash.of(chains.toString()));
        script.rule(Part.outgoing(part.lead()), "continue comment \"part " + mark + '"');
    }

    private static void lead(Script script, Door door, Door lead) {
        script.put(Skeleton.LISTENERS + door.maps(), door.key() + " : goto " + Part.incoming(lead));
        script.put(Skeleton.LEAVING + door.maps(), door.key() + " : goto " + Part.outgoing(lead));
        script.put(Skeleton.STRAYS + door.maps(), door.key() + " : goto " + Part.stray(lead));
    }

    private static void unlead(Script script, Door door) {
        Skeleton.DOORS.forEach(map -> script.take(map + door.maps(), door.key()));
    }

    private static void deleteChains(Script script, Door lead) {
        for (String chain : List.of(Part.incoming(lead), Part.outgoing(lead), Part.stray(lead))) {
            script.delete("chain", chain);
        }
        script.delete("counter", Part.refused(lead));
    }

    private static void putCounters(Script script, Seat seat) {
        script.put(seat.inSet().getKey(), seat.inSet().getValue());
        for (String map : Skeleton.COUNTERS) {
            script.add("counter", seat.counter(map), "");
            script.put(map + seat.door().maps(), seat.key() + " : \"" + seat.counter(map) + '"');
        }
    }

    /// The counters of these, and what the sets have for nobody else; `fresh` are about to be counted.
    private void take(Script script, Set<Seat> gone, Set<Seat> fresh) {
        for (Seat each : gone) {
            for (String map : Skeleton.COUNTERS) {
                script.take(map + each.door().maps(), each.key());
                script.delete("counter", each.counter(map));
            }
        }
        Set<Map.Entry<String, String>> left = gone.stream().map(Seat::inSet).collect(Collectors.toSet());
        all().stream().filter(each -> !gone.contains(each)).map(Seat::inSet).forEach(left::remove);
        fresh.stream().map(Seat::inSet).forEach(left::remove);
        left.forEach(each -> script.take(each.getKey(), each.getValue()));
    }

    /// Takes a listener out; its flows in conntrack go on, and are counted.
    synchronized void remove(Placed placed) throws IOException {
        Script script = new Script(name);
        placed.doors().forEach(each -> unlead(script, each));
        deleteChains(script, placed.lead());
        run(script);
        parts.remove(placed.lead());
        found.remove(placed.lead());
    }

    /// The endpoints of a listener at a door that are counted.
    synchronized Set<Seat> seats(Door door) {
        return Set.copyOf(seats.getOrDefault(door, Set.of()));
    }

    /// Takes out the counters of endpoints that have no flow, except those that are given some meanwhile.
    synchronized void forget(Set<Seat> idle) throws IOException {
        Set<Seat> gone = new HashSet<>(idle);
        gone.removeIf(each -> !isCounted(each));
        if (gone.isEmpty()) {
            return;
        }
        parts.values().forEach(each -> gone.removeAll(seats(each)));
        Script script = new Script(name);
        take(script, gone, Set.of());
        if (!script.isEmpty()) {
            run(script);
        }
        gone.forEach(this::drop);
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
