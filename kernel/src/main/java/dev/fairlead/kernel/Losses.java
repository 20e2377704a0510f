package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;

/// The part of [Translation] for packets that are not passed on: counts them, and leaves.
final class Losses {
    private Losses() {}

    static void lose(Code code, SharedMaps shared, FlowEntry names, Pointer flow, Loss loss) {
        Place service = code.number("service");
        code.set(service, flow.at(names.service()));
        lose(code, shared, service, loss);
    }

    static void lose(Code code, SharedMaps shared, Place service, Loss loss) {
        code.atTheEnd(() -> {
            count(code, shared, service, loss);
            code.leave(Verdict.DROP);
        });
    }

    /// Of what is not dropped here.
    static void count(Code code, SharedMaps shared, Place service, Loss loss) {
        shared.losses().with(code, service, losses -> Counters.add(code, losses.at(loss.field()), Value.of(1)));
    }
}
