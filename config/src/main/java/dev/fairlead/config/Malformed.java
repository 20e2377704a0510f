package dev.fairlead.config;

/// A text is not what it has to be. The message says what was expected, as one sentence for the operator.
final class Malformed extends Exception {
    Malformed(String message) {
        super(message, null, false, false);
    }
}
