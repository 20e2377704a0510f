package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.MapSpec;

/// The maps of one version of IP, with what is in them.
record FamilyMaps(
        Family family, FlowKey flowKey, FlowEntry flow, ServiceKey serviceKey, MapSpec flows, MapSpec services) {
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
