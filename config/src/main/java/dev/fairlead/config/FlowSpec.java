package dev.fairlead.config;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the connections of a Layer 4 listener are held, and where those to endpoints come from.
public record FlowSpec(
        @Key(
                value =
                        "Once one side has closed its half, a flow without a byte for this long is closed; `idle-timeout` where that is shorter. 2m: time for an answer to a finished request, and no shelter for a peer that vanished.",
                absent = "2m",
                min = "100ms",
                max = "7d")
        Duration finTimeout,

        @Key(
                value =
                        "The longest a flow may last, whatever it does. Absent: as long as it likes, for a long transfer is no fault.",
                optional = true,
                min = "1s",
                max = "365d")
        @Nullable
        Duration maxLifetime,

        @Key(
                value =
                        "Asks silent peers whether they are still there, on both sides. Absent: nobody is asked, and `idle-timeout` ends what died in silence. Worth having where that is long.",
                optional = true)
        @Nullable
        KeepAliveSpec keepAlive,

        @Key(
                value =
                        "A peer that has acknowledged nothing of what was sent to it for this long is given up (TCP_USER_TIMEOUT), on both sides. Absent: the system's way, about a quarter of an hour.",
                optional = true,
                min = "1s",
                max = "1h")
        @Nullable
        Duration userTimeout,

        @Key(
                value =
                        "The addresses from which endpoints are connected, in turn; one that has no port left is passed over. Each has some 28000 ports towards one endpoint. `client`: the client's own address (needs CAP_NET_ADMIN, and routes that bring the answers back here). Absent: the system chooses.",
                form = Form.SOURCE,
                orOne = true,
                example = "[10.0.0.5, 10.0.0.6]")
        List<String> source) {
    /// The word for the client's own address.
    public static final String CLIENT = "client";

    /// Every key absent.
    public static final FlowSpec DEFAULT = new FlowSpec(Duration.ofMinutes(2), null, null, null, List.of());

    public FlowSpec {
        source = List.copyOf(source);
    }

    public boolean isTransparent() {
        return source.contains(CLIENT);
    }

    /// The addresses of `source`; none when it is the client's, or the system chooses.
    public List<InetAddress> sources() {
        return isTransparent() ? List.of() : AddressText.addresses(source);
    }
}
