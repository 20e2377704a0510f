package dev.fairlead.kernel.nft;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.kernel.Account;
import dev.fairlead.kernel.Book;
import dev.fairlead.kernel.EndedFlow;
import dev.fairlead.kernel.FlowEnd;
import dev.fairlead.kernel.Loss;
import dev.fairlead.kernel.Slots;
import dev.fairlead.kernel.Tally;
import dev.fairlead.kernel.Terms;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Share;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The endpoints of one listener, and how many flows each has. The control thread adds, the sweeping thread counts and
/// removes; guarded by this.
final class Ledger extends Book {
    private static final Account.Count NONE = Account.Count.NONE;

    private final Map<InetSocketAddress, Account> accounts = new HashMap<>();
    private final Set<InetSocketAddress> listed = new HashSet<>();
    private final Set<InetSocketAddress> cut = new HashSet<>();

    // Where flows begin, and where they did: by those there may be some still.
    private final Set<Door> doors = new LinkedHashSet<>();
    private final Set<Door> left = new LinkedHashSet<>();

    // What the counters said last.
    private final Map<Seat, Account.Count> seen = new HashMap<>();

    // Whose flows were there before the account was.
    private final Set<InetSocketAddress> adopting = new HashSet<>();
    private boolean keepsPorts;
    private boolean isFound;
    private @Nullable Door lead;
    private long refused;
    private long entries;
    private long removed;
    private long begun;

    // any thread
    private volatile int idleSeconds;

    /// What one sweep has seen of a listener's flows.
    static final class Sight {
        final Map<InetSocketAddress, Integer> live = new HashMap<>();
        final Set<Door> doors = new HashSet<>();
        long entries;
    }

    /// What is over: counters that nobody needs any more, and doors by which no flow came that there is still.
    record Over(Set<Seat> seats, Set<Door> doors) {}

    /// `isFound`: an earlier process has left flows of it.
    Ledger(Terms terms, Tally tally, EndedFlow.@Nullable Journal journal, boolean isFound) {
        super(terms, tally, journal);
        this.isFound = isFound;
    }

    /// After how much silence flows are over that begin from now on.
    int idleSeconds() {
        return idleSeconds;
    }

    /// New flows begin at these doors and go to these endpoints from now on, and nowhere else. `now`: what the counters
    /// say.
    synchronized void list(List<Door> open, List<Share> shares, int idle, Counts now) {
        idleSeconds = idle;
        left.addAll(doors);
        open.forEach(left::remove);
        doors.clear();
        doors.addAll(open);
        if (!open.getFirst().equals(lead)) {
            lead = open.getFirst();
            refused = now.refused(lead);
        }
        listed.clear();
        for (Share share : shares) {
            Endpoint endpoint = share.endpoint();
            listed.add(endpoint.address());
            keepsPorts |= endpoint.address().getPort() == EndpointAddress.ASKED_PORT;
            Account known = accounts.get(endpoint.address());
            if (known == null || known.endpoint() != endpoint) {
                if (known != null) {
                    known.settle(0, 0);
                }
                if (known != null || isFound) {
                    adopting.add(endpoint.address());
                }
                accounts.put(endpoint.address(), new Account(endpoint, NONE));
            }
        }
        for (Door door : doors) {
            accounts.keySet().forEach(each -> {
                Seat seat = new Seat(door, each);
                seen.computeIfAbsent(seat, now::of);
            });
        }
    }

    /// The counters have been made anew.
    synchronized void countersBeginAnew() {
        seen.replaceAll((_, _) -> NONE);
        refused = 0;
    }

    /// Where flows begin.
    synchronized Set<Door> current() {
        return Set.copyOf(doors);
    }

    /// Where they begin, and where those began that may still be under way.
    synchronized Set<Door> doors() {
        Set<Door> all = new HashSet<>(doors);
        all.addAll(left);
        return all;
    }

    /// The endpoint of a flow, as this has it: at the port where it is asked, or at the one that flows ask for.
    synchronized InetSocketAddress known(Seat flow) {
        InetSocketAddress exact = flow.endpoint();
        if (!keepsPorts || !flow.door().range().hasPort(exact.getPort()) || listed.contains(exact)) {
            return exact;
        }
        InetSocketAddress host = new InetSocketAddress(exact.getAddress(), EndpointAddress.ASKED_PORT);
        return listed.contains(host) || (accounts.containsKey(host) && !accounts.containsKey(exact)) ? host : exact;
    }

    /// Whether new flows may go there.
    synchronized boolean isListed(InetSocketAddress endpoint) {
        return listed.contains(endpoint);
    }

    @Override
    public synchronized void cut(Endpoint endpoint) {
        cut.add(endpoint.address());
    }

    @Override
    public synchronized void leaveBehind(boolean isPanicking) {
        accounts.forEach((address, account) -> {
            if (!account.endpoint().keepsFlows(isPanicking)) {
                cut.add(address);
            }
        });
    }

    /// The endpoints whose flows this sweep cuts.
    synchronized Set<InetSocketAddress> takeCut() {
        Set<InetSocketAddress> taken = Set.copyOf(cut);
        cut.clear();
        return taken;
    }

    synchronized @Nullable Endpoint endpoint(InetSocketAddress address) {
        Account account = accounts.get(address);
        return account == null ? null : account.endpoint();
    }

    /// How busy the endpoints are, in the order of these shares. How fast they are nobody knows here.
    synchronized Slots.Seen seen(List<Share> shares) {
        int[] live = shares.stream()
                .map(share -> accounts.get(share.endpoint().address()))
                .mapToInt(account -> account == null ? 0 : account.live())
                .toArray();
        return new Slots.Seen(live, new double[live.length], begun);
    }

    /// A flow is over.
    synchronized void ended(Tracked flow, FlowEnd end) {
        removed++;
        tally().ended(end, 1);
        EndedFlow.Journal journal = journal();
        if (journal != null) {
            journal.write(new EndedFlow(
                    terms().spec().name(),
                    terms().transport().name(),
                    flow.client(),
                    terms().upstream(),
                    flow.seat().endpoint(),
                    0,
                    0,
                    flow.lastedNanos(idleSeconds, end),
                    flow.bytesIn(),
                    flow.bytesOut(),
                    end.word()));
        }
    }

    /// What was counted since the last time. Before conntrack is looked at, so that no flow is missed.
    synchronized Map<InetSocketAddress, Account.Count> since(Counts now) {
        Map<InetSocketAddress, Account.Count> all = new HashMap<>();
        accounts.forEach((address, account) -> {
            Account.Count more = NONE;
            for (Door door : doors()) {
                more = more.plus(since(new Seat(door, address), now));
            }
            account.count(more);
            all.put(address, more);
            tally().more(more);
        });
        if (lead != null) {
            tally().lost(Loss.NO_ENDPOINT, Math.max(0, now.refused(lead) - refused));
            refused = now.refused(lead);
        }
        return all;
    }

    private Account.Count since(Seat seat, Counts now) {
        Account.Count counted = now.of(seat);
        Account.Count before = seen.put(seat, counted);
        // Counters that go back have begun anew.
        return before == null || before.isAbove(counted) ? counted : counted.minus(before);
    }

    /// Follows what was seen. Over are endpoints that are gone from the config, and doors that the listener has no
    /// more,
    /// when they have no flow.
    synchronized Over settle(Map<InetSocketAddress, Account.Count> counts, Sight sight) {
        long fresh = 0;
        Set<Seat> over = new HashSet<>();
        for (Iterator<Map.Entry<InetSocketAddress, Account>> all =
                        accounts.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<InetSocketAddress, Account> each = all.next();
            Account account = each.getValue();
            Account.Count more = counts.get(each.getKey());
            int live = sight.live.getOrDefault(each.getKey(), 0);
            long flows = more == null ? 0 : more.flows();
            if (adopting.remove(each.getKey())) {
                account.take(live - flows);
            }
            account.settle(flows, live);
            fresh += flows;
            if (live == 0 && account.isIdle() && account.endpoint().isGone() && !listed.contains(each.getKey())) {
                all.remove();
                doors().forEach(door -> over.add(new Seat(door, each.getKey())));
            }
        }
        if (isFound) {
            isFound = false;
            entries = sight.entries + removed - fresh;
        }
        long forgotten = entries + fresh - removed - sight.entries;
        tally().ended(FlowEnd.FORGOTTEN, Math.max(0, forgotten));
        // Flows that began after the counters were read, and are not to be taken for negative ones next time.
        entries = sight.entries + Math.min(0, forgotten);
        removed = 0;
        begun = fresh;
        counted(sight.live.values().stream().mapToInt(Integer::intValue).sum());
        Set<Door> shut = new HashSet<>(left);
        shut.removeAll(sight.doors);
        left.removeAll(shut);
        shut.forEach(door -> accounts.keySet().forEach(each -> over.add(new Seat(door, each))));
        seen.keySet().removeAll(over);
        return new Over(over, shut);
    }

    /// The listener is gone: no endpoint has a flow of it. What it had counters for.
    synchronized Set<Seat> leave() {
        accounts.values().forEach(each -> each.settle(0, 0));
        Set<Seat> all = new HashSet<>();
        doors().forEach(door -> accounts.keySet().forEach(each -> all.add(new Seat(door, each))));
        accounts.clear();
        counted(0);
        return all;
    }
}
