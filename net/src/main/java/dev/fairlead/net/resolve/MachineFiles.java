package dev.fairlead.net.resolve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The small files of the machine that say who is asked for names. Read on the control thread, at the start and
/// when the resolver's settings change.
final class MachineFiles {
    static final String RESOLV_CONF = "/etc/resolv.conf";
    static final String HOSTS = "/etc/hosts";

    private MachineFiles() {}

    /// Empty when there is none.
    static String text(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException unreadable) {
            return "";
        }
    }
}
