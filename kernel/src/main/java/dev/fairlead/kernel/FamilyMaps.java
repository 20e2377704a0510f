package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Pins;
import java.util.Arrays;
import java.util.List;

/// The maps of one version of IP, with what is in them.
record FamilyMaps(
        Family family,
        FlowKey flowKey,
        FlowEntry flow,
        ServiceKey serviceKey,
        MapSpec flows,
        MapSpec begun,
        MapSpec fragments,
        MapSpec services,
        PeerEntry peer,
        MapSpec peers) {
    /// The part of the table of flows that is for those that have only begun.
    private static final int BEGUN_PART = 4;

    private static final int BEGUN_LEAST = 1024;

    /// Those that are pinned.
    static List<FamilyMaps> among(Pins pins, int maxFlows) {
        return Arrays.stream(Family.values())
                .map(family -> forFlows(family, maxFlows))
                .filter(each -> pins.has(each.services()))
                .toList();
    }

    /// Each flow has two entries.
    static FamilyMaps forFlows(Family family, int maxFlows) {
        return of(family, 2 * maxFlows);
    }

    /// But for those of peers, which only listeners of datagrams need.
    List<MapSpec> all() {
        return List.of(flows, begun, fragments, services);
    }

    static FamilyMaps of(Family family, int entries) {
        FlowKey flowKey = FlowKey.of(family);
        FlowEntry flow = FlowEntry.of(family);
        ServiceKey serviceKey = ServiceKey.of(family);
        PeerEntry peer = PeerEntry.of(family);
        String tail = family == Family.IPV4 ? "4" : "6";
        return new FamilyMaps(
                family,
                flowKey,
                flow,
                serviceKey,
                MapSpec.lru("fl_flows" + tail, flowKey.layout(), flow.layout(), entries),
                MapSpec.lru(
                        "fl_begun" + tail,
                        flowKey.layout(),
                        flow.layout(),
                        Math.max(BEGUN_LEAST, entries / BEGUN_PART)),
                MapSpec.lru("fl_fragments" + tail, FragmentEntry.KEY, FragmentEntry.VALUE, FragmentEntry.MAX),
                MapSpec.hash(
                        "fl_services" + tail, serviceKey.layout(), ServiceEntry.ENTRY.layout(), SharedMaps.PLACES_MAX),
                peer,
                MapSpec.lru("fl_peers" + tail, peer.key(), peer.value(), PeerEntry.MAX));
    }
}
