package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The program that Linux runs for every packet that comes in: it finds the packet's flow or begins one, gives the
/// packet other addresses and ports, and sends it on. What it does not know goes on to the host as if the program were
/// not there.
///
/// A flow's first packet finds its listener in the map of services, a slot in the listener's table, the endpoint of
/// that slot, and leaves two entries in the table of flows, one for each direction. Every later packet needs one look
/// into that table. What is done with a packet, in the order of it: [Packet] (with [ErrorReport] for errors),
/// [FlowTables] or [Beginning], [Notice], [Way], [TooLong], [Notes] and [Rewrite]. Where the host routes, neither way
/// nor length is this program's: it changes where the packet goes, and [Leaving] does the rest.
///
/// Besides the project's license, this program may be used under the MIT license or the GPL, version 2: Linux lets only
/// such programs look up routes.
final class Translation {
    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final Features features;
    private final FlowEntry flows;
    private final Packet packet;
    private final FlowTables tables;

    private Translation(Code code, SharedMaps shared, FamilyMaps maps, Features features) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.features = features;
        this.flows = maps.flow();
        this.packet = new Packet(code, maps);
        this.tables = new FlowTables(code, maps, packet);
    }

    /// One that sends packets on. `notices`: as many a second, see [Notice].
    static Program program(SharedMaps shared, List<FamilyMaps> families, Features features, int notices) {
        return program(
                "fairlead_nat",
                Hook.STACK,
                families,
                (code, maps) -> new Translation(code, shared, maps, features).writeDirect(notices));
    }

    /// One that leaves that to the host, and to [Leaving].
    static Program programForHost(SharedMaps shared, List<FamilyMaps> families, Features features) {
        return program(
                "fairlead_in",
                Hook.STACK,
                families,
                (code, maps) -> new Translation(code, shared, maps, features).writeForHost());
    }

    static Program program(String name, Hook hook, List<FamilyMaps> families, BiConsumer<Code, FamilyMaps> body) {
        return Code.write(name, hook, code -> {
            // Of another host, or of a virtual LAN: not for this interface.
            code.when(code.context().at(Skb.KIND).isNot(0), () -> code.leave(Verdict.NEXT));
            code.when(code.context().at(Skb.VLAN).isNot(0), () -> code.leave(Verdict.NEXT));
            for (FamilyMaps maps : families) {
                Value etherType = Value.network16(maps.family().etherType());
                code.when(code.context().at(Skb.PROTOCOL).is(etherType), () -> body.accept(code, maps));
            }
            code.leave(Verdict.NEXT);
        });
    }

    private void writeDirect(int notices) {
        Rewrite rewrite = new Rewrite(code, maps, packet);
        Way way = new Way(code, shared, maps, packet.now());
        Notes notes = new Notes(code, shared, maps, packet, tables);
        packet.read(
                () -> new ErrorReport(code, shared, maps, packet, rewrite).send(tables, way),
                new HeaderOptions(code, shared, maps, packet, features)::count);
        Pointer flow = code.pointer("flow");
        findOrBegin(flow, null);
        Notice notice = new Notice(code, shared, maps, packet, notices);
        code.when(
                packet.control().hasAny(Packet.LAST_HOP), () -> notice.send(flow, Notice.Reason.LAST_HOP, Value.of(0)));
        code.within(() -> way.find(flow));
        code.within(() -> new TooLong(code, maps, packet, notice).answer(flow));
        notes.write(flow);
        way.sendFound(flow, () -> rewrite.write(flow));
    }

    private void writeForHost() {
        Rewrite rewrite = new Rewrite(code, maps, packet);
        Crossings crossings = new Crossings(code, shared, maps, packet, tables, features);
        Notes notes = new Notes(code, shared, maps, packet, tables);
        packet.read(
                () -> new ErrorReport(code, shared, maps, packet, rewrite)
                        .pass(flow -> tables.find(flow, packet.key()), Side.DESTINATION),
                new HeaderOptions(code, shared, maps, packet, features)::count);
        Pointer flow = code.pointer("flow");
        findOrBegin(flow, crossings);
        code.when(flow.at(flows.flags()).hasNone(FlowEntry.FROM_ENDPOINT), () -> notes.write(flow));
        Place difference = code.number("difference");
        rewrite.compare(difference, flow, Side.DESTINATION);
        code.when(difference.is(0), () -> code.leave(Verdict.NEXT));
        rewrite.compare(difference, flow, Side.SOURCE);
        code.when(difference.isNot(0), () -> crossings.keep(flow));
        rewrite.part(flow, Side.DESTINATION, extent -> rewrite.write(flow, extent));
        code.leave(Verdict.NEXT);
    }

    /// `crossings`: null where packets do not cross the host.
    private void findOrBegin(Pointer flow, @Nullable Crossings crossings) {
        tables.findOwn(flow);
        code.when(flow.isThere(), () -> {
            forgetWhatEnded(flow);
            leaveToOthers(flow);
        });
        code.when(flow.isNull(), () -> {
            new Beginning(code, shared, maps, packet, tables, features, crossings).write();
            tables.find(flow, packet.key());
            code.when(flow.isNull(), () -> code.leave(Verdict.DROP));
        });
    }

    /// A SYN without ACK begins a connection: an entry whose connection is over, or whose endpoint has not answered and
    /// is down by now, is no longer good for it.
    private void forgetWhatEnded(Pointer flow) {
        code.when(packet.control().and(Transport.SYN | Transport.ACK).is(Transport.SYN), () -> {
            code.when(
                    flow.at(flows.flags()).hasAny(FlowEntry.CLOSING),
                    () -> tables.forget(flow),
                    () -> code.when(
                            flow.at(flows.flags()).hasNone(FlowEntry.FROM_ENDPOINT | FlowEntry.ANSWERED),
                            () -> forgetIfDown(flow)));
        });
    }

    /// An endpoint that has ended a connection accepts none on it. One that began past the listeners has its addresses
    /// now, by another NAT or straight through this host: from here on that is not for this program.
    private void leaveToOthers(Pointer flow) {
        code.when(flow.isThere(), () -> {
            Place flags = flow.at(flows.flags());
            int isSuch = FlowEntry.FROM_ENDPOINT | FlowEntry.ANSWERED;
            code.when(
                    packet.control().and(Transport.SYN | Transport.ACK).is(Transport.SYN | Transport.ACK),
                    // Answered before: a reset that anybody sends to the listener does not hide the first answer.
                    () -> code.when(
                            flags.and(isSuch).is(isSuch),
                            () -> code.when(flags.hasAny(FlowEntry.ENDPOINT_DONE | FlowEntry.RESET), () -> {
                                tables.forget(flow);
                                code.leave(Verdict.NEXT);
                            })));
        });
    }

    private void forgetIfDown(Pointer flow) {
        Place number = code.number("number");
        code.set(number, flow.at(flows.endpoint()));
        Pointer endpoint = code.pointer("endpoint");
        code.set(endpoint, entry(shared.endpoints(), address(number)));
        code.when(
                endpoint.isThere(),
                () -> code.when(endpoint.at(EndpointEntry.ENTRY.usable()).is(0), () -> tables.forget(flow)));
    }

    /// Where a number is, for maps whose key it is.
    static Value address(Place number) {
        return new Value.Address(number.base(), number.offset());
    }
}
