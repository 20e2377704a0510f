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
    private Set<Endpoint> listed = Set.of();
    private final Set<Integer> cut = new HashSet<>();
    private final long[] lost;
    private final Set<Integer> measured = new HashSet<>();
    private long entries;
    private long begun;

    // Listeners of an earlier process that have become one with this one.
    private final Map<Integer, Found.Listener> inherited = new HashMap<>();

    // Numbers whose flows were there before.
    private final Set<Integer> adopting = new HashSet<>();
    private boolean isFound;

    /// What one sweep has seen of a listener's flows.
    static final class Sight {
        final Map<Integer, Integer> live = new HashMap<>();

        /// Whose numbers the table has, also in flows that are over.
        final Set<Integer> endpoints = new HashSet<>();
        final Set<Integer> services = new HashSet<>();
        long entries;
        long removed;
    }

    /// `isFound`: an earlier process has left flows of it.
    Roll(int service, Terms terms, Engine engine, Tally tally, EndedFlow.@Nullable Journal journal, boolean isFound) {
        super(terms, tally, journal);
        this.service = service;
        this.engine = engine;
        this.isFound = isFound;
        this.lost = Engine.lost(engine.losses(), service);
    }

    int service() {
        return service;
    }

    /// Its own number, and those by which flows know it that began with another listener.
    synchronized Set<Integer> services() {
        Set<Integer> all = new HashSet<>(inherited.keySet());
        all.add(service);
        return all;
    }

    Engine engine() {
        return engine;
    }

    /// The flows of this listener of an earlier process are its own from now on. The sweeping thread.
    synchronized void inherit(Found.Listener old) {
        inherited.put(old.number(), old);
        isFound = true;
        Counters.Reader tallies = engine.tallies();
        for (Endpoint each : byEndpoint.keySet()) {
            Integer number = engine.knownMember(old.number(), each.address());
            if (number != null) {
                byNumber.put(number, member(number, old.number(), each, tallies));
            }
        }
    }

    private Member member(int number, int its, Endpoint endpoint, Counters.Reader tallies) {
        if (isFound) {
            adopting.add(number);
        }
        return new Member(number, its, endpoint, Tallies.TALLIES.read(tallies, number));
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
        Member member = member(number, service, endpoint, tallies);
        byEndpoint.put(endpoint, member);
        byNumber.put(number, member);
        return member;
    }

    /// Tells the program which endpoints may be given new flows: these, and none of the others.
    synchronized void writeUsable(List<Endpoint> usable) throws IOException {
        listed = Set.copyOf(usable);
        engine.tables().putEndpoints(byNumber.values(), listed);
    }

    @Override
    public synchronized void cut(Endpoint endpoint) {
        byNumber.values().stream()
                .filter(each -> each.endpoint().equals(endpoint))
                .forEach(each -> cut.add(each.number()));
    }

    @Override
    public synchronized void leaveBehind(boolean isPanicking) {
        for (Member each : byNumber.values()) {
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

    /// Reads what the program has counted, of those for which it has counted anything: before the table is looked at,
    /// so that no flow is missed. Most of a hundred thousand endpoints have nothing in a second.
    synchronized Map<Integer, Account.Count> readCounts(Counters.Reader tallies) {
        Map<Integer, Account.Count> all = new HashMap<>();
        // An endpoint may have come since, and what it began with was read then.
        tallies.refresh();
        for (Member each : byNumber.values()) {
            Account.Count more = each.since(Tallies.TALLIES.read(tallies, each.number()));
            if (!more.equals(Account.Count.NONE)) {
                all.put(each.number(), more);
                tally().more(more);
            }
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
    synchronized void settle(Map<Integer, Account.Count> counts, Sight sight, Counters.Reader losses) {
        long fresh = 0;
        for (Iterator<Member> all = byNumber.values().iterator(); all.hasNext(); ) {
            Member each = all.next();
            Account.Count more = counts.get(each.number());
            int live = sight.live.getOrDefault(each.number(), 0);
            long flows = more == null ? 0 : more.flows();
            if (adopting.remove(each.number())) {
                each.take(live - flows);
            }
            each.settle(flows, live);
            fresh += flows;
            if (!sight.endpoints.contains(each.number()) && each.isIdle() && isOver(each)) {
                all.remove();
                byEndpoint.remove(each.endpoint(), each);
                engine.giveBackMember(each.number());
            }
        }
        services().forEach(each -> engine.leaveOthers(each, sight.endpoints));
        inherited.values().removeIf(each -> {
            boolean isIdle = !sight.services.contains(each.number())
                    && byNumber.values().stream().noneMatch(member -> member.service() == each.number());
            if (isIdle) {
                engine.giveBack(each);
            }
            return isIdle;
        });
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
        long[] now = Engine.lost(losses, service);
        for (Loss loss : Loss.values()) {
            tally().lost(loss, now[loss.ordinal()] - lost[loss.ordinal()]);
            lost[loss.ordinal()] = now[loss.ordinal()];
        }
    }

    /// No flow begins there any more.
    private boolean isOver(Member member) {
        return member.service() != service || (member.endpoint().isGone() && !listed.contains(member.endpoint()));
    }

    /// The listener is gone: no endpoint has a flow of it.
    synchronized void leave() {
        for (Member each : byNumber.values()) {
            each.settle(0, 0);
            engine.giveBackMember(each.number());
        }
        inherited.values().forEach(engine::giveBack);
        inherited.clear();
        byNumber.clear();
        byEndpoint.clear();
        counted(0);
    }
}
