package dev.fairlead.kernel.nft;

import dev.fairlead.config.Address;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Why;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// The flows of one listener that are asked for and not over, as conntrack has them.
final class LiveFlows {
    private final FlowQuestion question;
    private final Ledger ledger;
    private final Ledgers ledgers;
    private final long nowNanos = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
    private final List<LiveFlow> flows = new ArrayList<>();

    LiveFlows(Ledger ledger, Ledgers ledgers, FlowQuestion question) {
        this.question = question;
        this.ledger = ledger;
        this.ledgers = ledgers;
    }

    void add(Tracked flow) {
        Ledgers.Place place = ledgers.of(flow);
        if (place == null || place.ledger() != ledger || flow.isClosed() || !question.concerns(flow.client())) {
            return;
        }
        InetSocketAddress known = ledger.known(flow.seat());
        long age = flow.beganNanos() == 0 ? 0 : Math.max(0, nowNanos - flow.beganNanos());
        flows.add(new LiveFlow(
                ledger.terms().spec().name(),
                text(flow.client()),
                ledger.terms().upstream(),
                text(flow.seat().endpoint()),
                age,
                flow.bytesIn(),
                flow.bytesOut(),
                (long) ((flow.bytesIn() + flow.bytesOut()) * 1e9 / Math.max(1_000_000_000L, age)),
                ledger.isListed(known) ? Why.BALANCER : Why.HELD));
    }

    private static String text(InetSocketAddress address) {
        return new Address(address.getAddress(), address.getPort()).toString();
    }

    List<LiveFlow> flows() {
        return flows;
    }
}
