package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import java.util.List;

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

    void write(Pointer flow) {
        code.within(() -> count(flow));
        code.within(() -> events(flow));
    }

    private void count(Pointer flow) {
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

    /// Facts are moved from bits of the packet to bits of the flow without a branch for each: Linux's verifier walks
    /// all ways through a program, and branches in a row multiply them.
    private void events(Pointer flow) {
        Place control = packet.control();
        Place news = code.number("news");
        code.when(
                flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                () -> code.set(
                        news,
                        moved(control, Transport.FIN, FlowEntry.ENDPOINT_DONE)
                                .or(moved(control, Packet.CONTENT, FlowEntry.RESPONDED))
                                .or(FlowEntry.ANSWERED)),
                () -> {
                    code.set(
                            news,
                            moved(control, Transport.FIN, FlowEntry.CLIENT_DONE)
                                    .or(moved(control, Packet.CONTENT, FlowEntry.ASKED)));
                    code.when(
                            flow.at(flows.packets()).isNot(1),
                            () -> code.set(news, news.or(moved(control, Transport.SYN, FlowEntry.REPEATED))));
                });
        code.set(
                news,
                news.or(moved(control, Transport.RST, FlowEntry.RESET))
                        .or(flow.at(flows.flags()))
                        .xor(flow.at(flows.flags())));
        Place matters = code.number("matters");
        code.set(matters, news);
        // An endpoint that answers a repeated SYN may do so under another number.
        code.when(
                control.and(Transport.SYN | Transport.ACK).is(Transport.SYN | Transport.ACK),
                () -> code.set(matters, 1));
        code.when(matters.isNot(0), () -> tellBoth(flow, news));
    }

    /// The bit `from` of a number, where the bit `to` is.
    private static Value moved(Value number, int from, int to) {
        int left = Integer.numberOfTrailingZeros(to) - Integer.numberOfTrailingZeros(from);
        Value bit = number.and(from);
        return left < 0 ? bit.shiftedRight(-left) : bit.shiftedLeft(left);
    }

    /// Both entries of the flow get what is news to this one, and when it was.
    private void tellBoth(Pointer flow, Place news) {
        Area twinKey = code.area("twin", maps.flowKey().layout());
        tables.twinKey(twinKey, flow);
        Place time = code.number("time");
        code.set(time, result(Helper.KTIME_NANOS));
        Pointer twin = code.pointer("twin");
        tables.find(twin, twinKey);
        code.when(twin.isNull(), () -> code.set(twin, flow.address()));
        List<Pointer> both = List.of(flow, twin);
        Place proof = code.number("proof");
        code.set(proof, packet.sequence().plus(1));
        code.when(
                packet.control().hasAny(Transport.SYN),
                () -> both.forEach(entry -> code.set(entry.at(flows.proof()), proof)));
        note(both, news, FlowEntry.ANSWERED, flows.answeredAt(), time);
        note(both, news, FlowEntry.ASKED, flows.askedAt(), time);
        note(both, news, FlowEntry.RESPONDED, flows.respondedAt(), time);
        both.forEach(entry -> code.setBits(entry.at(flows.flags()), news));
    }

    private void note(List<Pointer> both, Place news, int fact, Field when, Place time) {
        code.when(news.hasAny(fact), () -> both.forEach(entry -> code.set(entry.at(when), time)));
    }
}
