package dev.fairlead.kernel;

import dev.fairlead.config.Address;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.Window;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Why;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The flows that are asked for, as they are in the kernel's table. One look answers all who have asked by then: there
/// may be a thousand listeners, and each is asked. Used once, by the sweeping thread.
final class FlowList {
    private static final Logger LOG = LoggerFactory.getLogger(FlowList.class);

    private final long nowNanos = System.nanoTime();
    private final List<FlowsAsked> asked;
    private final Map<Integer, List<FlowsAsked>> byService = new HashMap<>();

    /// All of one engine.
    FlowList(List<FlowsAsked> asked) {
        this.asked = asked;
        for (FlowsAsked each : asked) {
            for (int service : each.roll().services()) {
                byService.computeIfAbsent(service, _ -> new ArrayList<>()).add(each);
            }
        }
    }

    void answer(Engine engine, Window through) {
        for (FamilyMaps family : engine.families()) {
            for (KernelMap table : engine.flows(family)) {
                try {
                    new Look(family, table).run(through);
                } catch (IOException failed) {
                    // What the others have is worth telling.
                    LOG.atError().setCause(failed).log("flows of a table could not be listed");
                }
            }
        }
        asked.forEach(FlowsAsked::complete);
    }

    /// A table of one version of IP.
    private final class Look {
        private final KernelMap table;
        private final FlowRead read;
        private final FlowRead twin;
        private final ByteBuffer twinKey;
        private final ByteBuffer twinValue;

        Look(FamilyMaps family, KernelMap table) {
            this.table = table;
            this.read = new FlowRead(family);
            this.twin = new FlowRead(family);
            this.twinKey = table.key();
            this.twinValue = table.value();
        }

        void run(Window through) throws IOException {
            table.each(through, Sweep.PIECE, (keys, values, count) -> {
                for (int i = 0; i < count; i++) {
                    read.at(keys, values, i);
                    if (!read.isFromEndpoint() && !read.isClosed()) {
                        for (FlowsAsked each : byService.getOrDefault(read.service(), List.of())) {
                            tell(each);
                        }
                    }
                }
            });
        }

        private void tell(FlowsAsked who) {
            InetSocketAddress client = read.source();
            who.offer(client, () -> flow(who.roll(), client));
        }

        private LiveFlow flow(Roll roll, InetSocketAddress client) {
            read.copyTwinKey(twinKey, 0);
            long out = table.get(twinKey, twinValue)
                    ? twin.at(twinKey, twinValue, 0).bytes()
                    : 0;
            Endpoint endpoint = roll.endpoint(read.endpoint());
            long age = nowNanos - read.beganNanos();
            long perSecond = (long) ((read.bytes() + out) * 1e9 / Math.max(1_000_000_000L, age));
            return new LiveFlow(
                    roll.terms().spec().name(),
                    text(client),
                    roll.terms().upstream(),
                    text(read.destination()),
                    age,
                    read.bytes(),
                    out,
                    perSecond,
                    why(roll, endpoint));
        }

        private static String text(InetSocketAddress address) {
            return new Address(address.getAddress(), address.getPort()).toString();
        }

        private Why why(Roll roll, @Nullable Endpoint endpoint) {
            if ((read.flags() & FlowEntry.ADOPTED) != 0) {
                return Why.ADOPTED;
            }
            return endpoint == null || !roll.isListed(endpoint) ? Why.HELD : Why.BALANCER;
        }
    }
}
