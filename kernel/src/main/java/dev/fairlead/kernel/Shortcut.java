package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.List;

/// A part of [Translation] that runs in the driver (XDP), before Linux has made anything of a packet: it takes packets
/// of flows that live and whose way is known, and lets all others go on to [Translation] as they came. So what is hard
/// stands in one place, and what is frequent is cheap. It reads, notes and rewrites as [Translation] does, but for
/// sums: a driver leaves none to be finished by somebody else, so they are mended here.
final class Shortcut {
    private static final int ETHER_TYPE = 12;

    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final List<Interface> interfaces;

    private Shortcut(Code code, SharedMaps shared, FamilyMaps maps, List<Interface> interfaces) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.interfaces = interfaces;
    }

    /// `interfaces`: those that it is put on, which alone can be sent to from here.
    static Program program(SharedMaps shared, List<FamilyMaps> families, List<Interface> interfaces) {
        return Code.write("fairlead_xdp", Hook.DRIVER, code -> {
            Place etherType = code.number("type");
            code.within(() -> {
                Pointer frame = code.pointer("frame");
                code.packet(frame, Family.ETHERNET, () -> code.leave(Verdict.NEXT));
                isForThisHost(code, frame, interfaces);
                code.set(etherType, frame.at(ETHER_TYPE, 2));
            });
            for (FamilyMaps maps : families) {
                code.when(
                        etherType.is(Value.network16(maps.family().etherType())),
                        () -> new Shortcut(code, shared, maps, interfaces).write());
            }
            code.leave(Verdict.NEXT);
        });
    }

    /// The driver hands over what it gets, whomever it is for.
    private static void isForThisHost(Code code, Pointer frame, List<Interface> interfaces) {
        Place isOurs = code.number("ours");
        code.set(isOurs, 0);
        for (Interface each : interfaces) {
            code.when(
                    code.context().at(Hook.DRIVER_INTERFACE).is(each.index()),
                    () -> code.when(frame.at(0, 2).is(Value.network16((int) (each.mac() >>> 32))), () -> {
                        int low = Integer.reverseBytes((int) each.mac());
                        code.when(frame.at(2, 4).is(Integer.toUnsignedLong(low)), () -> code.set(isOurs, 1));
                    }));
        }
        code.when(isOurs.is(0), () -> code.leave(Verdict.NEXT));
    }

    private void write() {
        FlowEntry flows = maps.flow();
        Packet packet = new Packet(code, maps);
        FlowTables tables = new FlowTables(code, maps, packet);
        Rewrite rewrite = new Rewrite(code, maps, packet);
        Notes notes = new Notes(code, shared, maps, packet, tables);
        packet.read(this::next);
        code.when(packet.control().hasAny(Packet.LATER | Packet.LAST_HOP | Transport.SYN), this::next);
        Pointer flow = code.pointer("flow");
        code.set(flow, entry(maps.flows(), packet.key().address()));
        code.when(flow.isNull(), this::next);
        code.when(packet.now().isAbove(flow.at(flows.routedUntil())), this::next);
        code.within(() -> {
            Place isReachable = code.number("reachable");
            code.set(isReachable, 0);
            for (Interface each : interfaces) {
                code.when(flow.at(flows.outbound()).is(each.index()), () -> code.set(isReachable, 1));
            }
            code.when(isReachable.is(0), this::next);
            code.when(flow.at(flows.fits()).isAbove(Value.of(TooLong.LEAST - 1)), () -> {
                Place length = code.number("length");
                packet.measure(length);
                code.set(length, length.minus(Family.ETHERNET));
                code.when(length.isAbove(flow.at(flows.fits())), this::next);
            });
        });
        notes.write(flow);
        Pointer at = rewrite.write(flow);
        code.copy(at.at(0, 6), flow.at(flows.toMac()));
        code.copy(at.at(6, 6), flow.at(flows.fromMac()));
        code.leave(result(Helper.REDIRECT, flow.at(flows.outbound()), Value.of(0)));
    }

    private void next() {
        code.leave(Verdict.NEXT);
    }
}
