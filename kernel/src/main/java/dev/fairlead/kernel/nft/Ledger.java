package dev.fairlead.kernel.nft;

import dev.fairlead.kernel.Account;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The endpoints of one listener, and how many flows each has. The control thread adds, the sweeping thread counts and
/// removes; guarded by this.
final class Ledger {
    private final Door door;
    private final Tally tally;
    private final EndedFlow.@Nullable Journal journal;
    private final Map<InetSocketAddress, Account> accounts = new HashMap<>();
    private final Set<InetSocketAddress> listed = new HashSet<>();
    private final Set<InetSocketAddress> cut = new HashSet<>();

    // Whose flows were there before the account was.
    private final Set<InetSocketAddress> adopting = new HashSet<>();
    private boolean isFound;
    private long refused;
    private long entries;
    private long removed;
    private long begun;

    // any thread
    private volatile Terms terms;
    private volatile int idleSeconds;
    private volatile int open;
    private volatile boolean isCounted = true;

    /// What one sweep has seen of a listener's flows.
    static final class Sight {
        final Map<InetSocketAddress, Integer> live = new HashMap<>();
        long entries;
    }

    /// `isFound`: an earlier process has left flows of it, and these counters.
    Ledger(Terms terms, Tally tally, EndedFlow.@Nullable Journal journal, boolean isFound, Counts before) {
        this.door = Door.of(terms);
        this.terms = terms;
        this.tally = tally;
        this.journal = journal;
        this.isFound = isFound;
        this.refused = before.refused(door);
    }

    Door door() {
        return door;
    }

    Terms terms() {
        return terms;
    }

    void terms(Terms changed) {
        terms = changed;
    }

    /// After how much silence flows are over that begin from now on.
    int idleSeconds() {
        return idleSeconds;
    }

    void idleSeconds(int seconds) {
        idleSeconds = seconds;
    }

    /// Flows that are not over. At least one until conntrack has been looked at since [#recount].
    int open() {
        return isCounted ? open : Math.max(1, open);
    }

    void recount() {
        isCounted = false;
    }

    /// New flows go to these from now on, and to none of the others.
    synchronized void list(List<Share> shares, Counts now) {
        listed.clear();
        for (Share share : shares) {
            Endpoint endpoint = share.endpoint();
            listed.add(endpoint.address());
            Account known = accounts.get(endpoint.address());
            if (known == null || known.endpoint() != endpoint) {
                if (known != null) {
                    known.settle(0, 0);
                }
                if (known != null || isFound) {
                    adopting.add(endpoint.address());
                }
                accounts.put(
                        endpoint.address(),
                        new Account(endpoint, tally.responses(endpoint), now.of(new Seat(door, endpoint.address()))));
            }
        }
    }

    /// Whether new flows may go there.
    synchronized boolean isListed(InetSocketAddress endpoint) {
        return listed.contains(endpoint);
    }

    /// The flows on an endpoint are to be cut.
    synchronized void cut(Endpoint endpoint) {
        cut.add(endpoint.address());
    }

    /// The flows are to be cut that could go on elsewhere, and whose endpoint may not keep them.
    synchronized void leaveBehind(boolean isPanicking) {
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
        tally.ended(end, 1);
        if (journal != null) {
            Endpoint endpoint = endpoint(flow.seat().endpoint());
            journal.write(new EndedFlow(
                    terms.spec().name(),
                    terms.transport().name(),
                    flow.client(),
                    terms.upstream(),
                    endpoint == null ? null : endpoint.name(),
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
            Account.Count more = account.since(now.of(new Seat(door, address)));
            all.put(address, more);
            tally.more(more);
        });
        tally.lost(Loss.NO_ENDPOINT, now.refused(door) - refused);
        refused = now.refused(door);
        return all;
    }

    /// Follows what was seen. The endpoints that are over: gone from the config, and without a flow.
    synchronized Set<InetSocketAddress> settle(Map<InetSocketAddress, Account.Count> counts, Sight sight) {
        long fresh = 0;
        Set<InetSocketAddress> over = new HashSet<>();
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
                over.add(each.getKey());
            }
        }
        if (isFound) {
            isFound = false;
            entries = sight.entries + removed - fresh;
        }
        long forgotten = entries + fresh - removed - sight.entries;
        tally.ended(FlowEnd.FORGOTTEN, Math.max(0, forgotten));
        // Flows that began after the counters were read, and are not to be taken for negative ones next time.
        entries = sight.entries + Math.min(0, forgotten);
        removed = 0;
        begun = fresh;
        open = sight.live.values().stream().mapToInt(Integer::intValue).sum();
        isCounted = true;
        return over;
    }

    /// The listener is gone: no endpoint has a flow of it. What it had counters for.
    synchronized Set<Seat> leave() {
        accounts.values().forEach(each -> each.settle(0, 0));
        Set<Seat> all =
                accounts.keySet().stream().map(each -> new Seat(door, each)).collect(Collectors.toSet());
        accounts.clear();
        open = 0;
        return all;
    }
}
