package dev.fairlead.kernel;

import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Share;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The endpoints of one listener as the program knows them, and how many flows each has. The control thread adds, the
/// sweeping thread counts and removes; guarded by this.
final class Roll extends Book {
    private final int service;
    private final Engine engine;
    private final Map<Endpoint, Member> byEndpoint = new HashMap<>();
    private final Map<Integer, Member> byNumber = new TreeMap<>();
    private final Set<Endpoint> listed = new HashSet<>();
    private final Set<Integer> cut = new HashSet<>();
    private final long[] lost;
    private final Set<Integer> measured = new HashSet<>();
    private long entries;
    private long begun;
    private boolean isFound;

    /// What one sweep has seen of a listener's flows.
    static final class Sight {
        final Map<Integer, Integer> live = new HashMap<>();
        long entries;
        long removed;
    }

    /// `isFound`: an earlier process has left flows of it.
    Roll(int service, Terms terms, Engine engine, Tally tally, EndedFlow.@Nullable Journal journal, boolean isFound) {
        super(terms, tally, journal);
        this.service = service;
        this.engine = engine;
        this.isFound = isFound;
        this.lost = engine.lost(service);
    }

    int service() {
        return service;
    }

    Engine engine() {
        return engine;
    }

    /// The numbers of endpoints, which they have from now on.
    synchronized int[] numbers(List<Endpoint> endpoints) throws IOException {
        int[] numbers = new int[endpoints.size()];
        Counters.Reader tallies = null;
        for (int i = 0; i < numbers.length; i++) {
            Member member = byEndpoint.get(endpoints.get(i));
            if (member == null) {
                tallies = tallies == null ? engine.tallies() : tallies;
                member = join(endpoints.get(i), tallies);
            }
            numbers[i] = member.number();
        }
        return numbers;
    }

    private Member join(Endpoint endpoint, Counters.Reader tallies) throws IOException {
        int number = engine.takeMember(service, endpoint.address());
        Account.Count before = Tallies.TALLIES.read(tallies, number);
        Member member = new Member(number, service, endpoint, tally(), before);
        byEndpoint.put(endpoint, member);
        byNumber.put(number, member);
        return member;
    }

    /// Tells the program which endpoints may be given new flows: these, and none of the others.
    synchronized void writeUsable(List<Endpoint> usable) throws IOException {
        listed.clear();
        listed.addAll(usable);
        engine.tables().putEndpoints(service, byEndpoint.values(), listed);
    }

    @Override
    public synchronized void cut(Endpoint endpoint) {
        Member known = byEndpoint.get(endpoint);
        if (known != null) {
            cut.add(known.number());
        }
    }

    @Override
    public synchronized void leaveBehind(boolean isPanicking) {
        for (Member each : byEndpoint.values()) {
            if (!each.endpoint().keepsFlows(isPanicking)) {
                cut.add(each.number());
            }
        }
    }

    /// The numbers whose flows this sweep cuts.
    synchronized Set<Integer> takeCut() {
        Set<Integer> taken = Set.copyOf(cut);
        cut.clear();
        return taken;
    }

    synchronized @Nullable Endpoint endpoint(int number) {
        Member member = byNumber.get(number);
        return member == null ? null : member.endpoint();
    }

    /// Whether new flows may go there.
    synchronized boolean isListed(Endpoint endpoint) {
        return listed.contains(endpoint);
    }

    /// Reads what the program has counted: before the table is looked at, so that no flow is missed.
    synchronized Map<Integer, Account.Count> readCounts() {
        Map<Integer, Account.Count> all = new HashMap<>();
        Counters.Reader tallies = engine.tallies();
        for (Member each : byNumber.values()) {
            Account.Count more = each.since(Tallies.TALLIES.read(tallies, each.number()));
            all.put(each.number(), more);
            tally().more(more);
        }
        return all;
    }

    /// What one of its flows has told of an endpoint.
    synchronized void measured(int number, long connectNanos, long responseNanos, long nowNanos) {
        Member member = byNumber.get(number);
        if (member == null) {
            return;
        }
        measured.add(number);
        member.measured(connectNanos, responseNanos, nowNanos);
        if (connectNanos > 0 && terms().transport() == Transport.TCP) {
            tally().connected(connectNanos);
        }
    }

    /// How busy the endpoints are, in the order of these shares.
    synchronized Slots.Seen seen(List<Share> shares) {
        List<Member> members =
                shares.stream().map(share -> byEndpoint.get(share.endpoint())).toList();
        return new Slots.Seen(
                members.stream()
                        .mapToInt(each -> each == null ? 0 : each.live())
                        .toArray(),
                members.stream()
                        .mapToDouble(each -> each == null ? 0 : each.nanos())
                        .toArray(),
                begun);
    }

    private void fade() {
        double[] all = byNumber.values().stream()
                .mapToDouble(Member::nanos)
                .filter(each -> each > 0)
                .sorted()
                .toArray();
        double median = all.length == 0 ? 0 : all[all.length / 2];
        byNumber.values().stream()
                .filter(each -> !measured.contains(each.number()))
                .forEach(each -> each.forget(median));
        measured.clear();
    }

    /// Follows what was seen.
    synchronized void settle(Map<Integer, Account.Count> counts, Sight sight) {
        long fresh = 0;
        for (Iterator<Member> all = byNumber.values().iterator(); all.hasNext(); ) {
            Member each = all.next();
            Account.Count more = counts.get(each.number());
            int live = sight.live.getOrDefault(each.number(), 0);
            long flows = more == null ? 0 : more.flows();
            if (isFound) {
                each.take(live - flows);
            }
            each.settle(flows, live);
            fresh += flows;
            if (live == 0 && each.isIdle() && each.endpoint().isGone() && !listed.contains(each.endpoint())) {
                all.remove();
                byEndpoint.remove(each.endpoint());
                engine.giveBackMember(each.number());
            }
        }
        engine.leaveOthers(service, sight.live.keySet());
        if (isFound) {
            isFound = false;
            entries = sight.entries + sight.removed - fresh;
        }
        long forgotten = entries + fresh - sight.removed - sight.entries;
        tally().ended(FlowEnd.FORGOTTEN, Math.max(0, forgotten));
        // Flows that began after the counters were read, and are not to be taken for negative ones next time.
        entries = sight.entries + Math.min(0, forgotten);
        counted(sight.live.values().stream().mapToInt(Integer::intValue).sum());
        begun = fresh;
        fade();
        long[] now = engine.lost(service);
        for (Loss loss : Loss.values()) {
            tally().lost(loss, now[loss.ordinal()] - lost[loss.ordinal()]);
            lost[loss.ordinal()] = now[loss.ordinal()];
        }
    }

    /// The listener is gone: no endpoint has a flow of it.
    synchronized void leave() {
        for (Member each : byNumber.values()) {
            each.settle(0, 0);
            engine.giveBackMember(each.number());
        }
        byNumber.clear();
        byEndpoint.clear();
        counted(0);
    }
}
