package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;

/// The part of [Translation] for packets that their way does not take: NAT makes none longer, but interfaces of this
/// host may differ. Who sent such a packet is told how long it may be, as any router does (RFC 1191 §4, RFC 4443 §3.2),
/// also where IPv4 lets it be taken apart, for nobody does that here.
final class TooLong {
    /// No link of IPv4 may take less (RFC 791 §3.2): a smaller number is none that Linux has told.
    static final int LEAST = 68;

    private final Code code;
    private final Packet packet;
    private final Notice notice;
    private final Family family;
    private final FlowKey key;
    private final FlowEntry flows;

    TooLong(Code code, FamilyMaps maps, Packet packet, Notice notice) {
        this.code = code;
        this.packet = packet;
        this.notice = notice;
        this.family = maps.family();
        this.key = maps.flowKey();
        this.flows = maps.flow();
    }

    /// Leaves the program when the packet is too long.
    void answer(Pointer flow) {
        Place room = code.number("room");
        code.set(room, flow.at(flows.fits()));
        code.when(room.isAbove(Value.of(LEAST - 1)), () -> {
            Place length = code.number("length");
            code.set(length, code.context().at(Skb.LENGTH).minus(Family.ETHERNET));
            code.when(length.isAbove(room), () -> {
                code.when(code.context().at(Skb.SEGMENT).isNot(0), () -> code.within(() -> measureSegment(length)));
                code.when(length.isAbove(room), () -> notice.send(flow, Notice.Reason.TOO_LONG, room));
            });
        });
    }

    /// Of segments that Linux has joined each travels by itself.
    private void measureSegment(Place length) {
        code.set(length, code.context().at(Skb.SEGMENT).plus(family.transport() - Family.ETHERNET));
        code.when(
                packet.key().at(key.protocol()).is(Transport.TCP.number()),
                () -> {
                    Pointer at = code.pointer("packet");
                    code.packet(at, family.transport() + Transport.TCP.bytes(), () -> code.leave(Verdict.DROP));
                    code.set(length, length.plus(Packet.tcpHeaderBytes(at, family)));
                },
                () -> code.set(length, length.plus(Transport.UDP.bytes())));
    }
}
