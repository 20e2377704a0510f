package dev.fairlead.kernel.nft;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An endpoint as one listener has it: conntrack knows this of each flow, and the table counts by it.
record Seat(Door door, InetSocketAddress endpoint) {
    private static final Pattern COUNTER =
            Pattern.compile("(?:begun|in|out)_(tcp|udp)_([^_]+)_([\\d-]+)_([^_]+)_(\\d+)");

    /// Whose counter has this name; null when it is of another kind.
    static @Nullable Seat ofCounter(String name) {
        Matcher found = COUNTER.matcher(name);
        return found.matches()
                ? new Seat(
                        Door.of(found.group(1), found.group(2), found.group(3)),
                        Door.of(found.group(1), found.group(4), found.group(5))
                                .range()
                                .first()
                                .socketAddress())
                : null;
    }

    /// `what`: one of the three maps of counters.
    String counter(String what) {
        return what + "_" + door.name() + "_" + Door.name(endpoint);
    }

    /// What the set of all endpoints knows it by; other listeners may have the same.
    String endpointKey() {
        return door.protocol() + " . " + Door.place(endpoint);
    }

    /// What these maps know it by.
    String key() {
        return door.key() + " . " + Door.place(endpoint);
    }
}
