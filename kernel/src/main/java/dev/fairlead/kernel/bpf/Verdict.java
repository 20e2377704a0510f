package dev.fairlead.kernel.bpf;

/// What becomes of a packet, with the numbers of `enum tcx_action_base` of linux/bpf.h; [Hook#number] has the others.
public enum Verdict {
    /// Not ours: the next program on the interface sees it, and then the host.
    NEXT(-1),
    DROP(2),
    /// It goes out where a redirect has said.
    REDIRECT(7);

    private final int number;

    Verdict(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
