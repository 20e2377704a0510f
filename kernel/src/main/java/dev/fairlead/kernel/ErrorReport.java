package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// The part of [Translation] for errors that ICMP reports: "fragmentation needed", "packet too big", "unreachable",
/// "time exceeded". Inside is the beginning of the packet that met the error, as it left here. Its flow tells who sent
/// it: that one gets the report, with the packet inside as he knows it. Sums of TCP and UDP in there stay as they
/// are: of a packet that was cut off nobody can check them.
final class ErrorReport {
    // RFC 792: destination unreachable, time exceeded, parameter problem. RFC 4443 §2.1: 1 to 4 are errors of IPv6.
    private static final int UNREACHABLE_4 = 3;
    private static final int TIME_EXCEEDED_4 = 11;
    private static final int PARAMETER_4 = 12;
    private static final int LAST_ERROR_6 = 4;

    /// Type, code, checksum, and 4 bytes more; then comes the packet inside.
    private static final int HEADER_BYTES = 8;

    private static final int CHECKSUM = 2;

    /// Where IPv4 has its checksum, from its first byte on.
    private static final int HEADER_CHECKSUM = 10;

    private static final int FRAGMENT = 6;
    private static final long FRAGMENT_OFFSET = 0xff1f;
    private static final int VERSION_4_WITHOUT_OPTIONS = 0x45;

    private final Code code;
    private final SharedMaps shared;
    private final Packet packet;
    private final Rewrite rewrite;
    private final Family family;
    private final FlowKey key;
    private final FlowEntry flows;

    /// From the packet's first byte to that of the packet inside.
    private final int inside;

    /// What lies between a place in the outer header and the same in the inner one.
    private final int shift;

    ErrorReport(Code code, SharedMaps shared, FamilyMaps maps, Packet packet, Rewrite rewrite) {
        this.code = code;
        this.shared = shared;
        this.packet = packet;
        this.rewrite = rewrite;
        this.family = maps.family();
        this.key = maps.flowKey();
        this.flows = maps.flow();
        this.inside = family.transport() + HEADER_BYTES;
        this.shift = inside - Family.ETHERNET;
    }

    /// Sends it on, and leaves the program.
    void send(FlowTables tables, Way way) {
        find(flow -> tables.find(flow, packet.key()), (flow, sender) -> {
            Place outer = code.number("outer");
            way.send(flow, () -> {
                Pointer at = rewrite(flow, sender, outer, Extent.WHOLE);
                // RFC 1122 §3.2.2: of an error nobody is told an error.
                code.when(at.at(family.hops(), 1).isBelow(2), () -> Losses.lose(code, shared, flows, flow, Loss.HOPS));
                rewrite.takeHop(at, outer);
                return at;
            });
        });
    }

    /// Changes what is this side's, and leaves the rest to the host. `find`: the flow under the packet's key.
    void pass(Consumer<Pointer> find, Side side) {
        find(
                find,
                (flow, sender) -> rewrite.part(flow, side, extent -> {
                    Place outer = code.number("outer");
                    Pointer at = rewrite(flow, sender, outer, extent);
                    if (family == Family.IPV4) {
                        rewrite.mendHeader(at.at(Family.ETHERNET + HEADER_CHECKSUM, 2), outer, 0);
                    }
                    code.leave(Verdict.NEXT);
                }));
    }

    private void find(Consumer<Pointer> find, BiConsumer<Pointer, Place> then) {
        code.atTheEnd(() -> {
            code.when(packet.key().at(key.protocol()).isNot(family.icmp()), () -> code.leave(Verdict.NEXT));
            Place sender = code.number("sender");
            code.set(sender, 0);
            code.within(() -> read(sender));
            Pointer flow = code.pointer("flow");
            find.accept(flow);
            code.when(flow.isNull(), () -> code.leave(Verdict.NEXT));
            then.accept(flow, sender);
        });
    }

    /// The flow of the other direction: its packets go to who sent the one inside. `sender` becomes 1 when the report
    /// comes from whom that one was for, and 0 when it is from a router between.
    private void read(Place sender) {
        Pointer at = code.pointer("packet");
        code.when(packet.length().isBelow(insideBytes() - family.transport()), () -> code.leave(Verdict.NEXT));
        packet.reach(at, insideBytes());
        Place type = at.at(family.transport(), 1);
        if (family == Family.IPV4) {
            code.when(
                    type.isNot(UNREACHABLE_4),
                    () -> code.when(
                            type.isNot(TIME_EXCEEDED_4),
                            () -> code.when(type.isNot(PARAMETER_4), () -> code.leave(Verdict.NEXT))));
            code.when(at.at(inside, 1).isNot(VERSION_4_WITHOUT_OPTIONS), () -> code.leave(Verdict.NEXT));
            code.when(at.at(inside + FRAGMENT, 2).hasAny(FRAGMENT_OFFSET), () -> code.leave(Verdict.NEXT));
        } else {
            code.when(type.isAbove(Value.of(LAST_ERROR_6)), () -> code.leave(Verdict.NEXT));
        }
        Area turned = packet.key();
        int bytes = family.addressBytes();
        Place difference = code.number("difference");
        packet.compare(difference, turned.at(key.destination()), at.at(family.source() + shift, bytes));
        code.when(difference.isNot(0), () -> code.leave(Verdict.NEXT));
        packet.compare(difference, turned.at(key.source()), at.at(family.destination() + shift, bytes));
        code.when(difference.is(0), () -> code.set(sender, 1));
        code.copy(turned.at(key.source()), at.at(family.destination() + shift, bytes));
        code.copy(turned.at(key.destination()), at.at(family.source() + shift, bytes));
        code.set(turned.at(key.sourcePort()), at.at(family.transport() + shift + 2, 2));
        code.set(turned.at(key.destinationPort()), at.at(family.transport() + shift, 2));
        code.set(turned.at(key.protocol()), at.at(family.protocol() + shift, 1));
    }

    /// `outer` becomes what that does to the sum of the outer header. What the flow gives one side, stands inside on
    /// the
    /// other: that packet went the other way.
    private Pointer rewrite(Pointer flow, Place sender, Place outer, Extent extent) {
        int bytes = family.addressBytes();
        code.within(() -> {
            Pointer at = code.pointer("packet");
            code.packet(at, family.transport(), () -> code.leave(Verdict.DROP));
            Sums sums = new Sums(code, outer);
            for (Side each : extent.addresses()) {
                whereItIs(
                        each,
                        sender,
                        () -> sums.change(at.at(each.address(family), bytes), flow.at(each.address(flows))));
            }
            sums.fold();
        });
        Place addresses = code.number("addresses");
        Place ports = code.number("ports");
        rewrite.reckon(flow, extent, addresses, ports);
        int checksum = family.transport() + CHECKSUM;
        Rewrite.mend(code, checksum, ports, 0);
        if (family == Family.IPV6) {
            // RFC 4443 §2.3: the outer addresses count too. In IPv4 they do not, and those inside cancel out against
            // the sum of their own header.
            Rewrite.mend(code, checksum, addresses, 0);
            Rewrite.mend(code, checksum, outer, Rewrite.PSEUDO_HEADER);
        }
        Pointer at = code.pointer("packet");
        code.packet(at, insideBytes(), () -> code.leave(Verdict.DROP));
        if (family == Family.IPV4) {
            rewrite.mendHeader(at.at(inside + HEADER_CHECKSUM, 2), addresses, 0);
        }
        for (Side each : extent.addresses()) {
            whereItIs(each, sender, () -> code.copy(at.at(each.address(family), bytes), flow.at(each.address(flows))));
            code.copy(at.at(each.other().address(family) + shift, bytes), flow.at(each.address(flows)));
        }
        if (extent.hasPorts()) {
            for (Side each : Side.values()) {
                code.set(at.at(each.other().port(family) + shift, 2), flow.at(each.port(flows)));
            }
        }
        return at;
    }

    /// The report goes to an end of the flow; it comes from the other end, or from a router between.
    private void whereItIs(Side side, Place sender, Runnable change) {
        if (side == Side.DESTINATION) {
            change.run();
        } else {
            code.when(sender.isNot(0), change);
        }
    }

    /// Up to the ports inside, and 4 bytes more that every report has.
    private int insideBytes() {
        return family.transport() + shift + 8;
    }
}
