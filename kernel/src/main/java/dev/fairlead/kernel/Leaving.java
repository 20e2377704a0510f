package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.List;

/// The other half of [Translation] where the host routes: that changes where a packet goes before the host has it, and
/// this where it comes from when it leaves. Between them every packet of a flow is one from the client to the endpoint
/// or back, so the host's rules see one connection. A source that was changed earlier would be one of the host's own
/// addresses, and Linux routes nothing that comes in under those.
///
/// What endpoints send is noted here, where it leaves for the client: an endpoint may be on this host, or behind more
/// NAT.
final class Leaving {
    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final Features features;

    private Leaving(Code code, SharedMaps shared, FamilyMaps maps, Features features) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.features = features;
    }

    static Program program(SharedMaps shared, List<FamilyMaps> families, Features features) {
        return Translation.program(
                "fairlead_out",
                Hook.LEAVING,
                families,
                (code, maps) -> new Leaving(code, shared, maps, features).write());
    }

    private void write() {
        Packet packet = new Packet(code, maps);
        FlowTables tables = new FlowTables(code, maps, packet);
        Crossings crossings = new Crossings(code, shared, maps, packet, tables, features);
        Rewrite rewrite = new Rewrite(code, maps, packet);
        Notes notes = new Notes(code, shared, maps, packet, tables);
        packet.read(() -> new ErrorReport(code, shared, maps, packet, rewrite).pass(crossings::find, Side.SOURCE));
        Pointer flow = code.pointer("flow");
        crossings.find(flow);
        code.when(flow.isNull(), () -> code.leave(Verdict.NEXT));
        code.when(flow.at(maps.flow().flags()).hasAny(FlowEntry.FROM_ENDPOINT), () -> notes.write(flow));
        rewrite.part(flow, Side.SOURCE, extent -> rewrite.write(flow, extent));
        code.leave(Verdict.NEXT);
    }
}
