package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.function.Consumer;

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
    private final Packet packet;
    private final Family family;
    private final FlowKey key;
    private final FlowEntry flows;

    Rewrite(Code code, FamilyMaps maps, Packet packet) {
        this.code = code;
        this.packet = packet;
        this.family = maps.family();
        this.key = maps.flowKey();
        this.flows = maps.flow();
    }

    Pointer write(Pointer flow) {
        Value addresses = flow.at(flows.addressSum());
        Pointer at = write(flow, Extent.WHOLE, addresses, flow.at(flows.portSum()));
        takeHop(at, addresses);
        return at;
    }

    /// A part; the hop is the host's.
    void write(Pointer flow, Extent extent) {
        Place addresses = code.number("addresses");
        Place ports = code.number("ports");
        reckon(flow, extent, addresses, ports);
        Pointer at = write(flow, extent, addresses, ports);
        if (family == Family.IPV4) {
            mendHeader(at.at(HEADER_CHECKSUM, 2), addresses, 0);
        }
    }

    /// Where the host routes, one address is changed before it has the packet, and the other when the packet leaves:
    /// `side`. Ports are changed on the client's side of the host, both at once: those that the endpoint knows tell
    /// flows apart.
    void part(Pointer flow, Side side, Consumer<Extent> change) {
        code.when(
                flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                () -> change.accept(Extent.of(side, side == Side.SOURCE)),
                () -> change.accept(Extent.of(side, side == Side.DESTINATION)));
    }

    /// Sums go first, since that moves the packet.
    private Pointer write(Pointer flow, Extent extent, Value addresses, Value ports) {
        if (family == Family.IPV4) {
            code.when(packet.control().hasNone(Packet.LATER), () -> writeTransport(flow, extent, addresses, ports));
        } else {
            writeTransport(flow, extent, addresses, ports);
        }
        Pointer at = code.pointer("packet");
        code.packet(at, family.transport(), () -> code.leave(Verdict.DROP));
        for (Side each : extent.addresses()) {
            code.copy(at.at(each.address(family), family.addressBytes()), flow.at(each.address(flows)));
        }
        return at;
    }

    private void writeTransport(Pointer flow, Extent extent, Value addresses, Value ports) {
        code.when(
                packet.key().at(key.protocol()).is(Transport.TCP.number()),
                () -> mendSum(Transport.TCP, addresses, ports, 0),
                () -> mendSum(Transport.UDP, addresses, ports, KEEP_ZERO));
        if (!extent.hasPorts()) {
            return;
        }
        Pointer at = code.pointer("ports");
        code.packet(at, family.transport() + Transport.UDP.bytes(), () -> code.leave(Verdict.DROP));
        for (Side each : Side.values()) {
            code.set(at.at(each.port(family), 2), flow.at(each.port(flows)));
        }
    }

    /// 0 when the flow leaves the packet this address.
    void compare(Place difference, Pointer flow, Side side) {
        packet.compare(difference, packet.key().at(side.address(key)), flow.at(side.address(flows)));
    }

    /// What becomes of sums when that much of the packet's key is changed; 0 where no port is.
    void reckon(Pointer flow, Extent extent, Place addresses, Place ports) {
        Sums sums = new Sums(code, addresses);
        for (Side each : extent.addresses()) {
            sums.change(packet.key().at(each.address(key)), flow.at(each.address(flows)));
        }
        sums.fold();
        code.set(ports, 0);
        if (extent.hasPorts()) {
            Place before = packet.key().at(key.sourcePort().offset(), 4);
            Place after = flow.at(flows.sourcePort().offset(), 4);
            code.when(before.isNot(after), () -> {
                Sums both = new Sums(code, ports);
                both.change(before, after);
                both.fold();
            });
        }
    }

    /// By Linux's own function, where there is one: it knows whether the card is still to finish the sum.
    private void mendSum(Transport transport, Value addresses, Value ports, int flags) {
        int offset = family.transport() + transport.checksum();
        if (code.hook() == Hook.DRIVER) {
            mendWholeSum(transport, offset, addresses.plus(ports));
            return;
        }
        mend(code, offset, addresses, PSEUDO_HEADER | flags);
        code.when(ports.isNot(0), () -> mend(code, offset, ports, flags));
    }

    /// In a driver the sum is whole. One of UDP that is 0 says that there is none, and one that comes to 0 is turned
    /// round (RFC 768).
    private void mendWholeSum(Transport transport, int offset, Value difference) {
        code.within(() -> {
            Pointer at = code.pointer("transport");
            code.packet(at, family.transport() + transport.bytes(), () -> code.leave(Verdict.DROP));
            Place checksum = at.at(offset, 2);
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
    void takeHop(Pointer at, Value difference) {
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
