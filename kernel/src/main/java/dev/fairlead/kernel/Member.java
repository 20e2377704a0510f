package dev.fairlead.kernel;

import dev.fairlead.upstream.Endpoint;

/// An endpoint of a listener as the program knows it, by a number.
final class Member extends Account {
    private final int number;
    private final int service;

    /// `before`: what is left in the counters of whoever had the number before.
    Member(int number, int service, Endpoint endpoint, Count before) {
        super(endpoint, before);
        this.number = number;
        this.service = service;
    }

    int number() {
        return number;
    }

    int service() {
        return service;
    }
}
