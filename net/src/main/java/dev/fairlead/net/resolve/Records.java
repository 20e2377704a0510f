package dev.fairlead.net.resolve;

import java.util.List;

/// What DNS says to one question. `ttlSeconds` is the least of all records on the way, aliases included.
record Records<T>(List<T> values, long ttlSeconds) {
    Records {
        values = List.copyOf(values);
    }
}
