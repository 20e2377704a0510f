package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Pins;
import java.util.Arrays;
import java.util.List;

/// The maps of one version of IP, with what is in them.
record FamilyMaps(
        Family family, FlowKey flowKey, FlowEntry flow, ServiceKey serviceKey, MapSpec flows, MapSpec services) {
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

    static FamilyMaps of(Family family, int entries) {
        FlowKey flowKey = FlowKey.of(family);
        FlowEntry flow = FlowEntry.of(family);
        ServiceKey serviceKey = ServiceKey.of(family);
        String tail = family == Family.IPV4 ? "4" : "6";
        return new FamilyMaps(
                family,
                flowKey,
                flow,
                serviceKey,
                MapSpec.lru("fl_flows" + tail, flowKey.layout(), flow.layout(), entries),
                MapSpec.hash(
                        "fl_services" + tail,
                        serviceKey.layout(),
                        ServiceEntry.ENTRY.layout(),
                        SharedMaps.SERVICES_MAX));
    }
}
