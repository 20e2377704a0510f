package dev.fairlead.config;

import java.util.List;

/// Whose datagrams may begin a flow.
public record UdpClientsSpec(
        @Key(
                value = "Addresses that may begin flows. Absent: all that `deny` does not name.",
                orOne = true,
                example = "[10.0.0.0/8, \"2001:db8::/32\"]")
        List<Cidr> allow,

        @Key(value = "Addresses that may not, even if `allow` names them.", orOne = true, example = "192.0.2.0/24")
        List<Cidr> deny) {
    public UdpClientsSpec {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }
}
