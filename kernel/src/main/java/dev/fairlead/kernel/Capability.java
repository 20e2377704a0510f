package dev.fairlead.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// A right of this process: capabilities(7), by number.
public enum Capability {
    NET_ADMIN(12),
    SYS_ADMIN(21),
    BPF(39);

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String EFFECTIVE = "CapEff:";

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    /// Where Linux does not tell, it is taken to be there, and the call that needs it tells.
    public boolean isThere() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(EFFECTIVE))
                    .map(line -> line.substring(EFFECTIVE.length()).strip())
                    .allMatch(mask -> (Long.parseUnsignedLong(mask, 16) >>> number & 1) != 0);
        } catch (IOException untold) {
            return true;
        }
    }
}
