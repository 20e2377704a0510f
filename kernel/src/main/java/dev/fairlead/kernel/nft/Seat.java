package dev.fairlead.kernel.nft;

import dev.fairlead.config.EndpointAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An endpoint as one listener has it: conntrack knows this of each flow, and the table counts by it. One that keeps
/// the
/// port that a flow asked for has, in the table, all of the door's.
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

    /// In which set it is known without its listener, and what by; other listeners may have the same. Ranges of ports
    /// could lie across each other there: of an endpoint that keeps those it is the host.
    Map.Entry<String, String> inSet() {
        boolean isWide = keepsPort() && door.isWide();
        return Map.entry(
                (isWide ? Skeleton.HOSTS : Skeleton.ENDPOINTS) + door.version(),
                door.protocol() + " . " + (isWide ? Door.host(endpoint.getAddress()) : place()));
    }

    /// What these maps know it by.
    String key() {
        return door.key() + " . " + place();
    }

    private String place() {
        return Door.host(endpoint.getAddress()) + " . " + (keepsPort() ? door.ports() : endpoint.getPort());
    }

    private boolean keepsPort() {
        return endpoint.getPort() == EndpointAddress.ASKED_PORT;
    }

    /// Whether flows to an endpoint that is there are counted by it, as far as they came by its door.
    boolean counts(InetSocketAddress there) {
        return endpoint.equals(there) || (keepsPort() && endpoint.getAddress().equals(there.getAddress()));
    }

    /// Whether the maps cannot have both.
    boolean clashesWith(Seat other) {
        return !equals(other)
                && door.equals(other.door)
                && endpoint.getAddress().equals(other.endpoint.getAddress())
                && (hasPortOf(other) || other.hasPortOf(this));
    }

    private boolean hasPortOf(Seat other) {
        return keepsPort() && door.range().hasPort(other.endpoint.getPort());
    }
}
