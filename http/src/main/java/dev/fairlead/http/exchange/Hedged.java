package dev.fairlead.http.exchange;

import java.util.Locale;

/// What came of a second attempt beside the first.
public enum Hedged {
    LOST,
    WON;

    private final String label = name().toLowerCase(Locale.ROOT);

    /// How logs call it.
    public String label() {
        return label;
    }
}
