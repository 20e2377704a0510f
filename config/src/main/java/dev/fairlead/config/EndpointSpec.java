package dev.fairlead.config;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One server of an upstream. In the file also just its address: `10.0.0.1:8080`.
@Scalar("address")
public record EndpointSpec(
        @Key(
                value =
                        "IP address and port, or a DNS name and port: then every address of the name is an endpoint with these settings. A name is complete as it stands, no search domain is added. `*` instead of the port, and a flow keeps the one that its client asked for: see docs/layer4.md.",
                example = "10.0.0.1:8080",
                form = Form.ENDPOINT_ADDRESS)
        EndpointAddress address,

        @Key(value = "Its share relative to the others. 0: no new traffic.", absent = "1", min = "0", max = "1000")
        int weight,

        @Key(
                value = "Connections that Fairlead holds open to it at once, idle ones included. 0: no bound.",
                absent = "0",
                min = "0",
                max = "1000000")
        int maxConnections,

        @Key(
                value = "Flows and exchanges on it at once, over all loops. 0: no bound.",
                absent = "0",
                min = "0",
                max = "1000000")
        int maxRequests,

        @Key(
                value =
                        "Its priority group. 0 comes first; the next takes over what too few healthy endpoints of the groups before it can bear, and what they refuse or are too full for.",
                absent = "0",
                min = "0",
                max = "9")
        int priority,

        @Key(value = "Where it stands, for `prefer-zone`.", optional = true, form = Form.NAME, example = "eu-1a")
        @Nullable
        String zone,

        @Key(
                value =
                        "Used when the others cannot bear the traffic: the group after every `priority`. It excludes a `priority` of its own.",
                absent = "false")
        boolean backup,

        @Key(
                value = "What it is, in words of your own, for `subset`: such as `{version: v2}`.",
                form = Form.NAME,
                example = "{version: v2}")
        Map<String, String> labels,

        @Key(
                value =
                        "The id that the server writes into its QUIC connection ids, in hexadecimal, as long as the listener's `server-id-length` says.",
                optional = true,
                form = Form.HEX,
                example = "c0ffee01")
        @Nullable
        String serverId) {
    /// The group of backups, after all that `priority` can name.
    private static final int BACKUP_GROUP = 10;

    /// Labels in an order of their own: that of a file means nothing.
    public EndpointSpec {
        labels = labels.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /// An endpoint that is no backup and has no labels.
    public EndpointSpec(
            EndpointAddress address,
            int weight,
            int maxConnections,
            int maxRequests,
            int priority,
            @Nullable String zone) {
        this(address, weight, maxConnections, maxRequests, priority, zone, false, Map.of(), null);
    }

    /// An endpoint of the first group, without a zone or a bound on requests.
    public EndpointSpec(EndpointAddress address, int weight, int maxConnections) {
        this(address, weight, maxConnections, 0, 0, null);
    }

    /// Its group among all, the lowest first.
    public int group() {
        return backup ? BACKUP_GROUP : priority;
    }

    /// The value that it has for a label; null when it has none.
    public @Nullable String label(String name) {
        return labels.get(name);
    }

    /// The address and port of an endpoint that traffic may go to: names are resolved before they get this far.
    public Address resolved() {
        return switch (address) {
            case Address ip -> ip;
            case HostAddress host -> throw new IllegalStateException("no port of its own: " + host);
            case NamedAddress name -> throw new IllegalStateException("not resolved: " + name);
        };
    }

    /// The same settings at another address.
    public EndpointSpec at(EndpointAddress other) {
        return new EndpointSpec(other, weight, maxConnections, maxRequests, priority, zone, backup, labels, serverId);
    }
}
