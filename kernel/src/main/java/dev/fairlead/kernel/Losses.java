package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;

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
            Pointer losses = code.pointer("losses");
            code.set(losses, entry(shared.losses(), new Value.Address(service.base(), service.offset())));
            code.when(
                    losses.isThere(),
                    () -> code.set(
                            losses.at(loss.field()), losses.at(loss.field()).plus(1)));
            code.leave(Verdict.DROP);
        });
    }
}
