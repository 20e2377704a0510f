package dev.fairlead.upstream;

/// What an operator has said of an endpoint. It outlasts reloads and goes before what probes and traffic say.
public enum Manual {
    /// Nothing: probes and traffic decide.
    AUTO,
    /// In use, whatever probes and traffic say.
    UP,
    /// No new flow or exchange but of clients that stick to it; what is on it comes to its end.
    DRAIN,
    /// Not in use, not even when nothing else is left.
    DOWN
}
