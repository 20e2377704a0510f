package dev.fairlead.admin;

/// What an operator says of one listener. It outlasts reloads, as long as the listener is in the config.
public record ListenerOrder(String listener, Wish wish) {
    public enum Wish {
        /// Accept nothing new; what has begun goes on until it is over or `drain-timeout` has passed.
        DRAIN,
        /// Accept again.
        AUTO
    }

    /// What came of it.
    public sealed interface Told {
        record Done(String state) implements Told {}

        /// There is no such listener; the reason names those that are there.
        record Unknown(String reason) implements Told {}

        /// Its address could not be had.
        record Failed(String reason) implements Told {}
    }
}
