package dev.fairlead.acme;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What all nodes share that get certificates together: small values by name, which outlive a process and are for
/// nobody else, and locks. Names are of the form `folder/name` or `name`. It may wait for a disk or a network.
interface Store {
    /// Null: there is none.
    byte @Nullable [] read(String name) throws IOException;

    /// In one step: who reads gets the old value or the new one, whole.
    void write(String name, byte[] value) throws IOException;

    /// Whether there was one or not.
    void remove(String name) throws IOException;

    /// The names in a folder, without the folder.
    List<String> list(String folder) throws IOException;

    /// Takes a lock that nobody holds, for that time; null: another has it.
    @Nullable
    Lease tryLock(String name, Duration time) throws IOException;
}
