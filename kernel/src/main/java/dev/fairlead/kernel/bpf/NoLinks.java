package dev.fairlead.kernel.bpf;

import java.io.IOException;

/// Linux knows no links of this kind: it is too old.
public final class NoLinks extends IOException {
    private static final long serialVersionUID = 1;

    NoLinks(String message) {
        super(message);
    }
}
