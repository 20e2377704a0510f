package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Bpf;
import dev.fairlead.sys.Errno;
import java.io.IOException;

/// A program on an interface. Closed, it is there no more, unless the link was pinned.
public final class Link implements AutoCloseable {
    private final int descriptor;

    Link(int descriptor) {
        this.descriptor = descriptor;
    }

    int descriptor() {
        return descriptor;
    }

    /// Another program takes over; no packet misses both.
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
