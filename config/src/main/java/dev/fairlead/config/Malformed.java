package dev.fairlead.config;

/// A text is not what it has to be. The sentence says what was expected, for the operator.
final class Malformed extends Exception {
    private final String sentence;

    Malformed(String sentence) {
        super(sentence, null, false, false);
        this.sentence = sentence;
    }

    String sentence() {
        return sentence;
    }
}
