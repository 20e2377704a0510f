package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;

/// The part of [Translation] that notes what a packet says of its flow: that there was one, and, once each, that
/// something has begun or ended.
final class Notes {
    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final Packet packet;
    private final FlowTables tables;
    private final FlowEntry flows;

    Notes(Code code, SharedMaps shared, FamilyMaps maps, Packet packet, FlowTables tables) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.packet = packet;
        this.tables = tables;
        this.flows = maps.flow();
    }

    void count(Pointer flow) {
        Place length = code.number("length");
        packet.measure(length);
        code.set(flow.at(flows.seen()), packet.now());
        code.add(flow.at(flows.packets()), Value.of(1));
        code.add(flow.at(flows.bytes()), length);
        Place number = code.number("number");
        code.set(number, flow.at(flows.endpoint()));
        Tallies names = Tallies.TALLIES;
        shared.tallies()
                .with(
                        code,
                        number,
                        tally -> code.when(
                                flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                                () -> count(tally, names.packetsOut(), names.bytesOut(), length),
                                () -> count(tally, names.packetsIn(), names.bytesIn(), length)));
    }

    private void count(Pointer tally, Field packets, Field bytes, Place length) {
        Counters.add(code, tally.at(packets), Value.of(1));
        Counters.add(code, tally.at(bytes), length);
    }

    void events(Pointer flow) {
        Place control = packet.control();
        Place news = code.number("news");
        code.set(news, 0);
        code.when(
                flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                () -> {
                    code.set(news, FlowEntry.ANSWERED);
                    add(news, control, Transport.FIN, FlowEntry.ENDPOINT_DONE);
                    add(news, control, Packet.CONTENT, FlowEntry.RESPONDED);
                },
                () -> {
                    add(news, control, Transport.FIN, FlowEntry.CLIENT_DONE);
                    add(news, control, Packet.CONTENT, FlowEntry.ASKED);
                    code.when(
                            flow.at(flows.packets()).isNot(1),
                            () -> add(news, control, Transport.SYN, FlowEntry.REPEATED));
                });
        add(news, control, Transport.RST, FlowEntry.RESET);
        // An endpoint that answers a repeated SYN may do so under another number.
        code.when(
                control.and(Transport.SYN | Transport.ACK).is(Transport.SYN | Transport.ACK),
                () -> tellBoth(flow, news),
                () -> code.when(
                        flow.at(flows.flags()).or(news).isNot(flow.at(flows.flags())), () -> tellBoth(flow, news)));
    }

    private void add(Place news, Place control, int bit, int flag) {
        code.when(control.hasAny(bit), () -> code.set(news, news.or(flag)));
    }

    /// Both entries of the flow know it, and when it was.
    private void tellBoth(Pointer flow, Place news) {
        Area twinKey = code.area("twin", maps.flowKey().layout());
        tables.twinKey(twinKey, flow);
        Place time = code.number("time");
        code.set(time, result(Helper.KTIME_NANOS));
        // What is new to this entry alone.
        Place fresh = code.number("fresh");
        code.set(fresh, news.or(flow.at(flows.flags())).xor(flow.at(flows.flags())));
        Pointer twin = code.pointer("twin");
        tables.find(twin, twinKey);
        tell(flow, fresh, time);
        code.when(twin.isThere(), () -> tell(twin, fresh, time));
    }

    private void tell(Pointer entry, Place fresh, Place time) {
        code.when(fresh.hasAny(FlowEntry.ANSWERED), () -> code.set(entry.at(flows.answeredAt()), time));
        code.when(
                packet.control().hasAny(Transport.SYN),
                () -> code.set(entry.at(flows.proof()), packet.sequence().plus(1)));
        code.when(fresh.hasAny(FlowEntry.ASKED), () -> code.set(entry.at(flows.askedAt()), time));
        code.when(fresh.hasAny(FlowEntry.RESPONDED), () -> code.set(entry.at(flows.respondedAt()), time));
        code.setBits(entry.at(flows.flags()), fresh);
    }
}
