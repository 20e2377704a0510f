package dev.fairlead.upstream;

/// What an operator has said of an endpoint. It outlasts reloads and goes before what probes and traffic say.
public enum Manual {
    /// Nothing: probes and traffic decide.
    AUTO(0),
    /// In use, whatever probes and traffic say.
    UP(1),
    /// No new flow or exchange but of clients that stick to it; what is on it comes to its end.
    DRAIN(2),
    /// Not in use, not even when nothing else is left.
    DOWN(3);

    private final int number;

    Manual(int number) {
        this.number = number;
    }

    /// How the metric writes it.
    int number() {
        return number;
    }
}
