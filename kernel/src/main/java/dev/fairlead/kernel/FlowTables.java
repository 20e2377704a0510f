package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.sys.Bpf;

/// The part of [Translation] for the two tables of flows. A flow stands in the table of those that have begun until its
/// client has proved that it gets what the endpoint sends: SYNs under forged addresses push out each other, and no flow
/// that lives.
final class FlowTables {
    /// How far a client may have come when it first acknowledges: what an endpoint sends at once, many times over.
    private static final long PROOF_WINDOW = 1 << 16;

    /// What a pointer has that points to nothing.
    static final Value NOTHING = Value.of(0);

    private final Code code;
    private final FamilyMaps maps;
    private final Packet packet;
    private final FlowKey key;
    private final FlowEntry flows;

    FlowTables(Code code, FamilyMaps maps, Packet packet) {
        this.code = code;
        this.maps = maps;
        this.packet = packet;
        this.key = maps.flowKey();
        this.flows = maps.flow();
    }

    /// Null when it is in neither.
    void find(Pointer flow, Area under) {
        find(flow, under.address());
    }

    void find(Pointer flow, Value under) {
        code.set(flow, entry(maps.flows(), under));
        code.when(flow.isNull(), () -> code.set(flow, entry(maps.begun(), under)));
    }

    /// The flow of the packet at hand, which may be the one that proves it.
    void findOwn(Pointer flow) {
        code.set(flow, entry(maps.flows(), packet.key().address()));
        code.when(flow.isNull(), () -> {
            code.set(flow, entry(maps.begun(), packet.key().address()));
            code.when(flow.isThere(), () -> proveBy(flow));
        });
    }

    private void proveBy(Pointer flow) {
        Place flags = flow.at(flows.flags());
        code.when(
                flags.and(FlowEntry.FROM_ENDPOINT | FlowEntry.ANSWERED).is(FlowEntry.ANSWERED),
                () -> code.when(packet.control().hasNone(Transport.SYN | Transport.RST), () -> {
                    Place beyond = code.number("beyond");
                    code.set(beyond, 0);
                    code.when(
                            packet.key().at(key.protocol()).is(Transport.TCP.number()),
                            () -> code.when(
                                    flags.hasNone(FlowEntry.ADOPTED),
                                    () -> code.set(
                                            beyond,
                                            packet.acknowledged()
                                                    .minus(flow.at(flows.proof()))
                                                    .and(0xffffffffL))));
                    code.when(beyond.isBelow(PROOF_WINDOW), () -> move(flow));
                }));
    }

    private void move(Pointer flow) {
        Area twinKey = code.area("twin", key.layout());
        Place refused = code.number("refused");
        twinKey(twinKey, flow);
        Pointer twin = code.pointer("twin");
        code.set(twin, entry(maps.begun(), twinKey.address()));
        code.when(twin.isThere(), () -> {
            code.setBits(flow.at(flows.flags()), Value.of(FlowEntry.PROVED));
            code.setBits(twin.at(flows.flags()), Value.of(FlowEntry.PROVED));
            code.set(refused, put(maps.flows(), twinKey.address(), twin.address()));
            code.when(refused.is(0), () -> {
                code.set(refused, put(maps.flows(), packet.key().address(), flow.address()));
                code.when(refused.is(0), () -> {
                    remove(maps.begun(), twinKey);
                    remove(maps.begun(), packet.key());
                });
            });
        });
        find(flow, packet.key());
    }

    /// Both entries of the flow of the packet at hand.
    void forget(Pointer flow) {
        Area twinKey = code.area("twin", key.layout());
        twinKey(twinKey, flow);
        removeEntry(twinKey);
        removeEntry(packet.key());
        code.set(flow, NOTHING);
    }

    /// The twin takes what this entry's packets become, turned round.
    void twinKey(Area twin, Pointer flow) {
        code.clear(twin);
        code.copy(twin.at(key.source()), flow.at(flows.destination()));
        code.copy(twin.at(key.destination()), flow.at(flows.source()));
        code.set(twin.at(key.sourcePort()), flow.at(flows.destinationPort()));
        code.set(twin.at(key.destinationPort()), flow.at(flows.sourcePort()));
        code.set(twin.at(key.protocol()), packet.key().at(key.protocol()));
    }

    /// 0, or what is against it.
    static Value put(MapSpec table, Value under, Value value) {
        return result(Helper.MAP_UPDATE, new Value.MapReference(table), under, value, Value.of(Bpf.ANY));
    }

    /// 0, or what is against it: [Bpf#EEXIST] where there is something, by now.
    static Value putNew(MapSpec table, Value under, Value value) {
        return result(Helper.MAP_UPDATE, new Value.MapReference(table), under, value, Value.of(Bpf.NO_EXIST));
    }

    /// One entry, not its twin.
    void removeEntry(Area under) {
        remove(maps.flows(), under);
        remove(maps.begun(), under);
    }

    private void remove(MapSpec table, Area under) {
        code.call(Helper.MAP_DELETE, new Value.MapReference(table), under.address());
    }
}
