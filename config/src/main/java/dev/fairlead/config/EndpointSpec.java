package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// One server of an upstream. In the file also just its address: `10.0.0.1:8080`.
@Scalar("address")
public record EndpointSpec(
        @Key(
                value =
                        "IP address and port, or a DNS name and port: then every address of the name is an endpoint with these settings. A name is complete as it stands, no search domain is added.",
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
                        "Its priority group. 0 comes first; the next takes over what too few healthy endpoints of the groups before it can bear, and what they refuse or are too full for. Backups are the group with the highest number.",
                absent = "0",
                min = "0",
                max = "9")
        int priority,

        @Key(value = "Where it stands, for `prefer-zone`.", optional = true, form = Form.NAME, example = "eu-1a")
        @Nullable
        String zone) {

    /// An endpoint of the first group, without a zone or a bound on requests.
    public EndpointSpec(EndpointAddress address, int weight, int maxConnections) {
        this(address, weight, maxConnections, 0, 0, null);
    }

    /// The address of an endpoint that traffic may go to: names are resolved before they get this far.
    public Address resolved() {
        return switch (address) {
            case Address ip -> ip;
            case NamedAddress name -> throw new IllegalStateException("not resolved: " + name);
        };
    }

    /// The same settings at another address.
    public EndpointSpec at(EndpointAddress other) {
        return new EndpointSpec(other, weight, maxConnections, maxRequests, priority, zone);
    }
}
