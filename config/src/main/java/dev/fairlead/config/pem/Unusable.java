package dev.fairlead.config.pem;

import java.io.IOException;

/// A file of certificates or keys cannot be used. The message says what was expected, for the operator; nothing of
/// what is in a key's file is in it.
public final class Unusable extends IOException {
    /// Which of the files of a certificate it is.
    public enum Part {
        CERTIFICATE,
        KEY,
        PASSWORD
    }

    private final Part part;

    Unusable(Part part, String message) {
        super(message);
        this.part = part;
    }

    public Part part() {
        return part;
    }
}
