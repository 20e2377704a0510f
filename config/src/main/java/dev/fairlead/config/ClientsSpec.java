package dev.fairlead.config;

import java.util.List;

/// Which clients may connect, and how much.
public record ClientsSpec(
        @Key(
                value = "Addresses that may connect. Absent: all that `deny` does not name.",
                orOne = true,
                example = "[10.0.0.0/8, \"2001:db8::/32\"]")
        List<Cidr> allow,

        @Key(value = "Addresses that may not, even if `allow` names them.", orOne = true, example = "192.0.2.0/24")
        List<Cidr> deny,

        @Key("Bounds for each client address.") ClientLimits perAddress,

        @Key(
                "Bounds for all addresses with the same first bits together: one who has a whole network does not get round the bounds of an address.")
        ClientLimits perPrefix,

        @Key(
                value = "Bits of an IPv4 address that make the prefix. A /24 is the least network that is routed.",
                absent = "24",
                min = "8",
                max = "32")
        int ipv4Prefix,

        @Key(
                value = "Bits of an IPv6 address that make the prefix. A /64 is what one host commonly has.",
                absent = "64",
                min = "16",
                max = "128")
        int ipv6Prefix,

        @Key(
                value =
                        "Addresses, and as many prefixes, that are counted at once; some 64 bytes each. When the table is full, one that has nothing open is forgotten; when all have, newcomers are let in uncounted, and `fairlead_listener_clients_uncounted_total` tells. 65536 is six times the default of `max-connections`.",
                absent = "65536",
                min = "1024",
                max = "16777216")
        int tableMax) {
    public ClientsSpec {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }
}
