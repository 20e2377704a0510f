package dev.fairlead.config;

/// One server of an upstream. In the file also just its address: `10.0.0.1:8080`.
@Scalar("address")
public record EndpointSpec(
        @Key(value = "IP address and port.", example = "10.0.0.1:8080", form = Form.ENDPOINT_ADDRESS)
        Address address,

        @Key(value = "Its share relative to the others. 0: no new traffic.", absent = "1", min = "0", max = "1000")
        int weight,

        @Key(
                value = "Connections that Fairlead holds open to it at once, idle ones included. 0: no bound.",
                absent = "0",
                min = "0",
                max = "1000000")
        int maxConnections) {}
