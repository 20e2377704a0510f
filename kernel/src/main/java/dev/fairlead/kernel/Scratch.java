package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Window;

/// What looks through an engine's tables read into, each after the other. The sweeping thread.
record Scratch(Window window, Counters.Reader tallies, Counters.Reader losses) {
    static Scratch of(Engine engine) {
        return new Scratch(new Window(), engine.tallies(), engine.losses());
    }

    /// What was counted has to be read anew.
    void refresh() {
        tallies.refresh();
        losses.refresh();
    }
}
