package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Value.Place;

/// The part of [Translation] and [Leaving] for packets that are with the host, on their way from the one to the other:
/// between client and endpoint, under the ports that the endpoint knows. Where it sees the client's address too, that
/// is how its answers come in, and the table of flows has them. Of other flows a table says how the answer that
/// crosses came in; it forgets what was not used for longest, and every packet that comes in says it again.
final class Crossings {
    private final Code code;
    private final SharedMaps shared;
    private final Packet packet;
    private final FlowTables tables;
    private final FlowKey key;
    private final FlowEntry flows;
    private final Features features;
    private final MapSpec map;

    Crossings(Code code, SharedMaps shared, FamilyMaps maps, Packet packet, FlowTables tables, Features features) {
        this.code = code;
        this.shared = shared;
        this.packet = packet;
        this.tables = tables;
        this.key = maps.flowKey();
        this.flows = maps.flow();
        this.features = features;
        this.map = map(maps);
    }

    /// The keys of answers as they cross, and the keys of the same as they came in.
    static MapSpec map(FamilyMaps maps) {
        FlowKey key = maps.flowKey();
        String tail = maps.family() == Family.IPV4 ? "4" : "6";
        return MapSpec.lru(
                "fl_crossings" + tail, key.layout(), key.layout(), maps.flows().entries() / 2);
    }

    /// The flow of the key of a packet that leaves; null when it has none, or keeps its source.
    void find(Pointer flow) {
        tables.find(flow, packet.key());
        code.when(
                flow.isThere(),
                () -> code.when(
                        flow.at(flows.flags()).hasNone(FlowEntry.FROM_ENDPOINT),
                        () -> code.set(flow, FlowTables.NOTHING)));
        code.when(flow.isNull(), () -> {
            if (features.hasSources()) {
                findCrossing(flow);
                return;
            }
            // Only a server that calls itself sees another address than the client's.
            Place difference = code.number("difference");
            packet.compare(
                    difference, packet.key().at(key.source()), packet.key().at(key.destination()));
            code.when(difference.is(0), () -> findCrossing(flow));
        });
    }

    private void findCrossing(Pointer flow) {
        findAnswer(flow, packet.key());
        code.when(flow.isNull(), () -> {
            Area answer = code.area("answer", key.layout());
            code.clear(answer);
            for (Side each : Side.values()) {
                code.copy(
                        answer.at(each.address(key)),
                        packet.key().at(each.other().address(key)));
                code.set(answer.at(each.port(key)), packet.key().at(each.other().port(key)));
            }
            code.set(answer.at(key.protocol()), packet.key().at(key.protocol()));
            findAnswer(flow, answer);
            code.when(flow.isThere(), () -> {
                tables.twinKey(answer, flow);
                tables.find(flow, answer);
            });
        });
    }

    /// What was said of a crossing may have come in for a later flow by now, of another client.
    private void findAnswer(Pointer flow, Area answer) {
        code.set(flow, entry(map, answer.address()));
        code.when(flow.isThere(), () -> {
            Area came = code.area("came", key.layout());
            code.copy(whole(came), flow.at(0, key.layout().size()));
            tables.find(flow, came);
            code.when(flow.isThere(), () -> {
                Place difference = code.number("difference");
                packet.compare(difference, answer.at(key.destination()), flow.at(flows.destination()));
                code.when(difference.isNot(0), () -> code.set(flow, FlowTables.NOTHING));
            });
        });
    }

    /// Notes the crossing of the flow of the packet at hand, as it came in. Another flow may have the same since a
    /// while, from before the host routed: their packets could not be told apart.
    void keep(Pointer flow) {
        Area answer = code.area("answer", key.layout());
        Area comes = code.area("comes", key.layout());
        code.when(
                flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                () -> {
                    code.copy(whole(comes), whole(packet.key()));
                    code.copy(whole(answer), whole(packet.key()));
                    code.copy(answer.at(key.destination()), flow.at(flows.destination()));
                },
                () -> {
                    tables.twinKey(comes, flow);
                    code.copy(whole(answer), whole(comes));
                    code.copy(answer.at(key.destination()), packet.key().at(key.source()));
                });
        Pointer came = code.pointer("came");
        code.set(came, entry(map, answer.address()));
        Place difference = code.number("difference");
        code.set(difference, 1);
        code.when(came.isThere(), () -> {
            packet.compare(difference, came.at(key.destination()), comes.at(key.destination()));
            code.when(difference.isNot(0), () -> {
                Pointer other = code.pointer("other");
                tables.find(other, came.address());
                code.when(
                        other.isThere(),
                        () -> code.when(
                                other.at(flows.flags()).hasNone(FlowEntry.CLOSING),
                                () -> Losses.lose(code, shared, flows, flow, Loss.CLASH)));
            });
        });
        code.when(
                difference.isNot(0),
                () -> code.set(difference, FlowTables.put(map, answer.address(), comes.address())));
    }

    private Place whole(Area area) {
        return area.at(0, key.layout().size());
    }

    /// 1 when a flow has this already as the answer that crosses; `comes`: how it would come in.
    void see(Place isTaken, Area answer, Area comes) {
        Pointer other = code.pointer("other");
        findAnswer(other, answer);
        code.when(other.isThere(), () -> code.set(isTaken, 1));
        Place difference = code.number("difference");
        packet.compare(difference, answer.at(key.destination()), comes.at(key.destination()));
        code.when(difference.isNot(0), () -> {
            tables.find(other, answer);
            code.when(other.isThere(), () -> code.set(isTaken, 1));
        });
    }
}
