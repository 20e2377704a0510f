package dev.fairlead.kernel.nft;

import java.util.List;
import java.util.stream.Collectors;

/// What the table has beside the parts of its listeners: where packets come by, and what they are looked up in. Pure.
final class Skeleton {
    /// The chains of listeners, for packets that begin a flow, that leave, and that are of no flow that is known. All
    /// are there once for IPv4 and once for IPv6.
    static final String LISTENERS = "listeners";

    static final String LEAVING = "leaving";
    static final String STRAYS = "strays";

    /// The endpoints of all listeners, and the hosts of those that keep the ports of a range.
    static final String ENDPOINTS = "endpoints";

    static final String HOSTS = "hosts";

    /// The counters of endpoints.
    static final String BEGUN = "begun";
    static final String IN = "in";
    static final String OUT = "out";

    /// The maps that lead from a listener's doors to its chains.
    static final List<String> DOORS = List.of(LISTENERS, LEAVING, STRAYS);

    static final List<String> COUNTERS = List.of(BEGUN, IN, OUT);

    /// The chain whose only rule says in its comment who has the table.
    static final String HOLDING = "holding";

    static final List<String> VERSIONS = List.of("4", "6");

    /// What ends the names of maps in which ports stand in ranges.
    static final String WIDE = "r";

    private static final List<String> WIDTHS = List.of("", WIDE);
    private static final List<String> PROTOCOLS = List.of("tcp", "udp");

    private final Script script;
    private final List<String> interfaces;

    /// `interfaces`: where packets for listeners come in; none, and they may come from anywhere.
    private Skeleton(Script script, List<String> interfaces) {
        this.script = script;
        this.interfaces = interfaces;
    }

    /// The maps from listeners' doors to their chains, of both versions.
    static List<String> listeners() {
        return VERSIONS.stream()
                .flatMap(version -> WIDTHS.stream().map(width -> LISTENERS + version + width))
                .toList();
    }

    static void write(Script script, List<String> interfaces, String holding) {
        new Skeleton(script, interfaces).write(holding);
    }

    private void write(String holding) {
        script.table("add");
        script.chain(HOLDING);
        script.rule(HOLDING, "continue comment \"" + holding + "\"");
        VERSIONS.forEach(this::maps);
        // The first packet of a flow, at the place for that, chooses; the others are conntrack's.
        script.chain("arriving", "type nat hook prerouting priority dstnat");
        entrance("arriving");
        choosing("arriving");
        // This host's own connections do not come in.
        script.chain("calling", "type nat hook output priority -100");
        choosing("calling");
        script.chain("departing", "type nat hook postrouting priority srcnat");
        for (String version : VERSIONS) {
            for (String protocol : PROTOCOLS) {
                for (String width : WIDTHS) {
                    script.rule(
                            "departing",
                            "ct status & dnat == dnat meta l4proto " + protocol + " ct protocol . ct original "
                                    + ip(version) + " daddr . ct original proto-dst vmap @" + LEAVING + version
                                    + width);
                }
            }
        }
        counting();
    }

    private void maps(String version) {
        String door = "type inet_proto . ipv" + version + "_addr . inet_service";
        String flow = door + " . ipv" + version + "_addr . inet_service : counter; ";
        script.add("set", ENDPOINTS + version, door + "; ");
        script.add("set", HOSTS + version, "type inet_proto . ipv" + version + "_addr; ");
        for (String width : WIDTHS) {
            String kind = width.isEmpty() ? "" : "flags interval; ";
            for (String map : DOORS) {
                script.add("map", map + version + width, door + " : verdict; " + kind);
            }
            for (String map : COUNTERS) {
                script.add("map", map + version + width, flow + kind);
            }
        }
    }

    private void entrance(String chain) {
        if (!interfaces.isEmpty()) {
            String names = interfaces.stream().map(each -> '"' + each + '"').collect(Collectors.joining(", "));
            script.rule(chain, "iifname != { " + names + " } return");
        }
    }

    private void choosing(String chain) {
        lookups(chain, LISTENERS);
    }

    private void lookups(String chain, String map) {
        for (String version : VERSIONS) {
            for (String width : WIDTHS) {
                script.rule(
                        chain, "meta l4proto . " + ip(version) + " daddr . th dport vmap @" + map + version + width);
            }
        }
    }

    /// Once more for every packet: conntrack knows by now which listener and which endpoint it is of.
    private void counting() {
        for (String version : VERSIONS) {
            for (String protocol : PROTOCOLS) {
                String chain = "count_" + protocol + version;
                String flow =
                        "meta l4proto %1$s %2$s counter name ct protocol . ct original %3$s daddr . ct original proto-dst . ct reply %3$s saddr . ct reply proto-src map @%4$s";
                script.chain(chain);
                for (String width : WIDTHS) {
                    String maps = version + width;
                    // Conntrack confirms a flow when its first packet leaves.
                    script.rule(
                            chain, flow.formatted(protocol, "ct status & confirmed == 0", ip(version), BEGUN + maps));
                    script.rule(chain, flow.formatted(protocol, "ct direction original", ip(version), IN + maps));
                    script.rule(chain, flow.formatted(protocol, "ct direction reply", ip(version), OUT + maps));
                }
            }
        }
        script.chain("strays");
        entrance("strays");
        lookups("strays", STRAYS);
        invalid();
        for (String hook : List.of("prerouting", "output")) {
            String chain = "counting_" + hook;
            script.chain(chain, "type filter hook " + hook + " priority -90");
            script.rule(chain, "ct state invalid goto invalid");
            if (hook.equals("prerouting")) {
                script.rule(chain, "ct status & dnat == 0 goto strays");
            }
            for (String version : VERSIONS) {
                for (String protocol : PROTOCOLS) {
                    script.rule(
                            chain,
                            "ct status & dnat == dnat meta nfproto ipv" + version + " meta l4proto " + protocol
                                    + " goto count_" + protocol + version);
                }
            }
        }
    }

    /// Conntrack does not translate what it takes for invalid, as a segment outside the window: whoever got it would
    /// not
    /// know the connection, and reset it. It is dropped, as what is lost; to listeners by their chains for strays.
    private void invalid() {
        script.chain("invalid");
        for (String version : VERSIONS) {
            script.rule(
                    "invalid", "meta l4proto . " + ip(version) + " saddr . th sport @" + ENDPOINTS + version + " drop");
            script.rule("invalid", "meta l4proto . " + ip(version) + " saddr @" + HOSTS + version + " drop");
        }
        script.rule("invalid", "goto strays");
    }

    private static String ip(String version) {
        return version.equals("4") ? "ip" : "ip6";
    }
}
