package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;

/// The part of [Translation] that gives a packet the addresses and ports of its flow, and mends its sums.
final class Rewrite {
    /// Flags of `bpf_l4_csum_replace`: the sum is also that of the pseudo header; a UDP packet without one stays so.
    static final int PSEUDO_HEADER = 0x10;

    private static final int KEEP_ZERO = 0x20;

    /// Where IPv4 has its checksum.
    private static final int HEADER_CHECKSUM = 24;

    /// The time to live is the upper byte of its word on the wire, the lower one in memory: one less.
    private static final int ONE_HOP = 0xfffe;

    private final Code code;
    private final SharedMaps shared;
    private final Packet packet;
    private final Family family;
    private final FlowKey key;
    private final FlowEntry flows;

    Rewrite(Code code, SharedMaps shared, FamilyMaps maps, Packet packet) {
        this.code = code;
        this.shared = shared;
        this.packet = packet;
        this.family = maps.family();
        this.key = maps.flowKey();
        this.flows = maps.flow();
    }

    /// Sums go first, since that moves the packet.
    Pointer write(Pointer flow) {
        if (family == Family.IPV4) {
            code.when(packet.control().hasNone(Packet.LATER), () -> mendTransport(flow));
        } else {
            mendTransport(flow);
        }
        Pointer at = code.pointer("packet");
        code.packet(at, family.transport(), () -> code.leave(Verdict.DROP));
        takeHop(at, flow, flow.at(flows.addressSum()));
        code.copy(at.at(family.source(), family.addressBytes()), flow.at(flows.source()));
        code.copy(at.at(family.destination(), family.addressBytes()), flow.at(flows.destination()));
        return at;
    }

    private void mendTransport(Pointer flow) {
        code.when(
                packet.key().at(key.protocol()).is(Transport.TCP.number()),
                () -> mendSum(flow, Transport.TCP, 0),
                () -> mendSum(flow, Transport.UDP, KEEP_ZERO));
        Pointer at = code.pointer("ports");
        code.packet(at, family.transport() + Transport.UDP.bytes(), () -> code.leave(Verdict.DROP));
        code.set(at.at(family.transport(), 2), flow.at(flows.sourcePort()));
        code.set(at.at(family.transport() + 2, 2), flow.at(flows.destinationPort()));
    }

    /// By Linux's own function, where there is one: it knows whether the card is still to finish the sum.
    private void mendSum(Pointer flow, Transport transport, int flags) {
        int offset = family.transport() + transport.checksum();
        if (code.hook() == Hook.DRIVER) {
            mendWholeSum(flow, transport, offset);
            return;
        }
        mend(code, offset, flow.at(flows.addressSum()), PSEUDO_HEADER | flags);
        code.when(flow.at(flows.portSum()).isNot(0), () -> mend(code, offset, flow.at(flows.portSum()), flags));
    }

    /// In a driver the sum is whole. One of UDP that is 0 says that there is none, and one that comes to 0 is turned
    /// round (RFC 768).
    private void mendWholeSum(Pointer flow, Transport transport, int offset) {
        code.within(() -> {
            Pointer at = code.pointer("transport");
            code.packet(at, family.transport() + transport.bytes(), () -> code.leave(Verdict.DROP));
            Place checksum = at.at(offset, 2);
            Value difference = flow.at(flows.addressSum()).plus(flow.at(flows.portSum()));
            if (transport == Transport.TCP) {
                mendHeader(checksum, difference, 0);
                return;
            }
            code.when(checksum.isNot(0), () -> {
                mendHeader(checksum, difference, 0);
                code.when(checksum.is(0), () -> code.set(checksum, 0xffff));
            });
        });
    }

    static void mend(Code code, int offset, Value difference, int flags) {
        code.call(
                Helper.L4_CHECKSUM,
                code.context().address(),
                Value.of(offset),
                Value.of(0),
                difference,
                Value.of(flags));
    }

    /// One hop less, and IPv4's sum by that and by what becomes of the addresses.
    void takeHop(Pointer at, Pointer flow, Value difference) {
        code.when(at.at(family.hops(), 1).isBelow(2), () -> Losses.lose(code, shared, flows, flow, Loss.HOPS));
        if (family == Family.IPV4) {
            mendHeader(at.at(HEADER_CHECKSUM, 2), difference, ONE_HOP);
        }
        code.set(at.at(family.hops(), 1), at.at(family.hops(), 1).minus(1));
    }

    /// RFC 1624 §3.
    void mendHeader(Place checksum, Value difference, int more) {
        Place sum = code.number("sum");
        code.set(sum, checksum.xor(Value.of(0xffff)));
        code.set(sum, sum.plus(difference));
        code.set(sum, sum.plus(more));
        for (int fold = 0; fold < 3; fold++) {
            code.set(sum, sum.and(0xffff).plus(sum.shiftedRight(16)));
        }
        code.set(checksum, sum.xor(Value.of(0xffff)));
    }
}
