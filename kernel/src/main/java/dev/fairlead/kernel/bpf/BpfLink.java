package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Bpf;
import dev.fairlead.sys.Errno;
import java.io.IOException;

/// A link of bpf(2). Closed, the program is there no more, unless the link was pinned.
final class BpfLink implements Link {
    private final int descriptor;

    BpfLink(int descriptor) {
        this.descriptor = descriptor;
    }

    int descriptor() {
        return descriptor;
    }

    @Override
    public void replace(LoadedProgram program) throws IOException {
        int result = Bpf.replace(descriptor, program.descriptor());
        if (result < 0) {
            throw new IOException("Linux changed no program: " + Errno.text(result));
        }
    }

    /// As [#replace]; false when the interface is gone, and the link with it.
    boolean tryReplace(LoadedProgram program) {
        return Bpf.replace(descriptor, program.descriptor()) == 0;
    }

    @Override
    public void close() {
        Bpf.close(descriptor);
    }
}
