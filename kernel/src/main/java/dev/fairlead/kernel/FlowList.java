package dev.fairlead.kernel;

import dev.fairlead.config.Address;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Why;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The flows of one listener that are asked for, as they are in the kernel's table.
final class FlowList {
    private final FlowQuestion question;
    private final Roll roll;
    private final KernelMap table;
    private final FlowRead read;
    private final FlowRead twin;
    private final ByteBuffer twinKey;
    private final ByteBuffer twinValue;
    private final long nowNanos = System.nanoTime();
    private final Set<Integer> services;
    private final List<LiveFlow> flows = new ArrayList<>();

    FlowList(Roll roll, FamilyMaps family, KernelMap table, FlowQuestion question) {
        this.question = question;
        this.roll = roll;
        this.services = roll.services();
        this.table = table;
        this.read = new FlowRead(family);
        this.twin = new FlowRead(family);
        this.twinKey = table.key();
        this.twinValue = table.value();
    }

    void add(ByteBuffer keys, ByteBuffer values, int count) {
        for (int i = 0; i < count; i++) {
            read.at(keys, values, i);
            if (services.contains(read.service())
                    && !read.isFromEndpoint()
                    && !read.isClosed()
                    && question.concerns(read.source())) {
                flows.add(flow());
            }
        }
    }

    private LiveFlow flow() {
        read.copyTwinKey(twinKey, 0);
        long out =
                table.get(twinKey, twinValue) ? twin.at(twinKey, twinValue, 0).bytes() : 0;
        Endpoint endpoint = roll.endpoint(read.endpoint());
        InetSocketAddress client = read.source();
        long age = nowNanos - read.beganNanos();
        long perSecond = (long) ((read.bytes() + out) * 1e9 / Math.max(1_000_000_000L, age));
        return new LiveFlow(
                roll.terms().spec().name(),
                new Address(client.getAddress(), client.getPort()).toString(),
                roll.terms().upstream(),
                endpoint == null ? null : endpoint.name(),
                age,
                read.bytes(),
                out,
                perSecond,
                why(endpoint));
    }

    private Why why(@Nullable Endpoint endpoint) {
        if ((read.flags() & FlowEntry.ADOPTED) != 0) {
            return Why.ADOPTED;
        }
        return endpoint == null || !roll.isListed(endpoint) ? Why.HELD : Why.BALANCER;
    }

    List<LiveFlow> flows() {
        return flows;
    }
}
