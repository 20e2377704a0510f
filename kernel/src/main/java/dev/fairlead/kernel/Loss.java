package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;

/// Why a packet of a listener was not passed on; each is a field of the map of losses.
public enum Loss {
    /// No endpoint may be used.
    NO_ENDPOINT("no-endpoint"),
    /// Linux knows no way to where the packet has to go.
    NO_ROUTE("no-route"),
    /// Its time to live has run out.
    HOPS("hops"),
    /// The endpoint's answers would be taken for those of another flow: one that came by another listener from the same
    /// client's address and port, or that another processor has begun in the same moment.
    CLASH("clash"),
    /// Every source address and port that was tried is taken.
    NO_PORT("no-port"),
    /// The table took no entry.
    NO_ROOM("no-room"),
    /// It does not fit the way that it has to go; who sent it is told.
    TOO_LONG("too-long"),
    /// The same, and nobody is told: there were as many such reports as there may be.
    TOO_LONG_UNTOLD("too-long-untold"),
    /// It has options of IPv4 or extension headers of IPv6, so it was left to the host, which has no use for it.
    OPTIONS("options");

    private final String word;

    Loss(String word) {
        this.word = word;
    }

    /// How metrics call it.
    String word() {
        return word;
    }

    Field field() {
        return new Field(word, ordinal() * 8, 8);
    }
}
