package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.SocketAddress;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.List;

/// The program that Linux runs when a process of this host is told whose datagram it gets. What it has sent to a
/// listener went to an endpoint, see [HostConnections]; many who ask take no answer from anybody but whom they asked.
final class HostAnswers {
    private HostAnswers() {}

    static Program program(SharedMaps shared, List<FamilyMaps> families, Hook hook) {
        return Code.write("fairlead_answer", hook, code -> {
            for (FamilyMaps maps : families) {
                HostPeers peers = new HostPeers(code, shared, maps);
                HostAddress.of(
                        code,
                        hook,
                        maps.family(),
                        sender -> peers.turnBack(sender, code.context().at(SocketAddress.PORT)));
            }
            code.leave(Verdict.NEXT);
        });
    }
}
