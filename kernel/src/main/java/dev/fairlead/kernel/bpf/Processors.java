package dev.fairlead.kernel.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many processors there may ever be: a map with a value for each has that many.
final class Processors {
    private static final Path FILE = Path.of("/sys/devices/system/cpu/possible");

    /// As long as the machine runs, they stay as many.
    private static volatile int known;

    private Processors() {}

    static int possible() {
        int seen = known;
        if (seen > 0) {
            return seen;
        }
        try {
            seen = count(Files.readString(FILE).strip());
            known = seen;
            return seen;
        } catch (IOException unreadable) {
            throw new UncheckedIOException("how many processors there are", unreadable);
        }
    }

    /// `0-3` or `0,2-3`.
    static int count(String text) {
        String last = text.substring(Math.max(text.lastIndexOf('-'), text.lastIndexOf(',')) + 1);
        return Integer.parseInt(last) + 1;
    }
}
