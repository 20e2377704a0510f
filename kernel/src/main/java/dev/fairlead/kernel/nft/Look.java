package dev.fairlead.kernel.nft;

import dev.fairlead.kernel.Account;
import dev.fairlead.kernel.FlowEnd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One look through conntrack. Used once, by the watching thread.
final class Look {
    /// Of a TCP listener that drains: time for a lost packet of a handshake. What is left of a flood is not waited for.
    private static final int HANDSHAKE_SECONDS = 3;

    /// Of a datagram listener that drains: who has been silent for so long has nothing under way.
    private static final int DRAINED_SECONDS = 1;

    private final Table table;
    private final Conntrack conntrack;
    private final Ledgers ledgers;
    private final Set<Integer> cut;
    private final Map<Ledger, Watched> watched = new HashMap<>();
    private final List<Ending> endings = new ArrayList<>();

    /// A listener, what was counted for it before, whose flows are cut, and what is seen of them.
    private record Watched(
            Ledger ledger,
            Map<InetSocketAddress, Account.Count> counts,
            Set<InetSocketAddress> cut,
            Ledger.Sight sight) {}

    private record Ending(Watched watched, Tracked flow, FlowEnd end) {}

    Look(Table table, Conntrack conntrack, Ledgers ledgers, Set<Integer> cut) {
        this.table = table;
        this.conntrack = conntrack;
        this.ledgers = ledgers;
        this.cut = cut;
    }

    void run() throws IOException {
        Counts counts = table.counts();
        ledgers.all()
                .forEach(each ->
                        watched.put(each, new Watched(each, each.since(counts), each.takeCut(), new Ledger.Sight())));
        hear(conntrack, ledgers, cut);
        conntrack.each(this::see);
        for (Ending each : endings) {
            end(each);
        }
        // Linux lets go of what is over when it is asked for it.
        hear(conntrack, ledgers, cut);
        Set<Seat> gone = new HashSet<>();
        watched.values().forEach(each -> gone.addAll(settle(each)));
        table.forget(gone);
    }

    /// Tells the listeners of flows that have ended by themselves.
    static void hear(Conntrack conntrack, Ledgers ledgers, Set<Integer> cut) throws IOException {
        conntrack.ended(flow -> {
            Ledgers.Place place = ledgers.of(flow);
            if (!cut.remove(flow.id()) && place != null) {
                place.ledger().ended(flow, flow.end());
            }
        });
    }

    private void see(Tracked flow) {
        Ledgers.Place place = ledgers.of(flow);
        Watched its = place == null ? null : watched.get(place.ledger());
        if (place == null || its == null) {
            return;
        }
        InetSocketAddress endpoint = its.ledger.known(flow.seat());
        FlowEnd end = its.cut.contains(endpoint) ? FlowEnd.DRAINED : over(its.ledger, flow, endpoint);
        if (end != null) {
            endings.add(new Ending(its, flow, end));
            return;
        }
        its.sight.entries++;
        its.sight.doors.add(place.door());
        if (!flow.isClosed()) {
            its.sight.live.merge(endpoint, 1, Integer::sum);
        }
    }

    /// What Linux would keep and we do not; null: it stays.
    private static @Nullable FlowEnd over(Ledger ledger, Tracked flow, InetSocketAddress endpoint) {
        // Its client asks again, and then chooses anew.
        if (flow.isUnanswered() && !ledger.isListed(endpoint)) {
            return FlowEnd.UNANSWERED;
        }
        if (!ledger.terms().ageing().isDraining()) {
            return null;
        }
        if (flow.isTcp()) {
            return flow.isNew() && Part.UNANSWERED - flow.timeoutSeconds() > HANDSHAKE_SECONDS
                    ? FlowEnd.UNANSWERED
                    : null;
        }
        return ledger.idleSeconds() - flow.timeoutSeconds() > DRAINED_SECONDS ? FlowEnd.IDLE : null;
    }

    private void end(Ending ending) throws IOException {
        if (conntrack.delete(ending.flow)) {
            cut.add(ending.flow.id());
            ending.watched.ledger.ended(ending.flow, ending.end);
        }
    }

    private Set<Seat> settle(Watched each) {
        Ledger.Over over = each.ledger.settle(each.counts, each.sight);
        ledgers.take(each.ledger, over.doors());
        Set<Seat> gone = new HashSet<>(over.seats());
        // Endpoints of an earlier process that the config has no more.
        for (Door door : each.ledger.doors()) {
            for (Seat seat : table.seats(door)) {
                if (each.ledger.endpoint(seat.endpoint()) == null
                        && each.sight.live.keySet().stream().noneMatch(seat::counts)) {
                    gone.add(seat);
                }
            }
        }
        return gone;
    }
}
