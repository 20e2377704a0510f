package dev.fairlead.config;

import java.util.Locale;

/// How bad a [Problem] is: with an error there is no config, a warning is only said.
public enum Severity {
    ERROR,
    WARNING;

    /// As printed: `error`, `warning`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
