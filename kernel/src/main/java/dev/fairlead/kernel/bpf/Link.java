package dev.fairlead.kernel.bpf;

import java.io.IOException;

/// A program on an interface, for as long as what holds it there.
public sealed interface Link extends AutoCloseable permits BpfLink, Filter {
    /// Another program takes over; no packet misses both.
    void replace(LoadedProgram program) throws IOException;

    /// This process lets go of it.
    @Override
    void close();
}
