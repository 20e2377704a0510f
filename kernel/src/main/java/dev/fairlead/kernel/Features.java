package dev.fairlead.kernel;

import dev.fairlead.config.BalancerSpec;
import java.util.Set;
import java.util.TreeSet;

/// What the program has to know, because some listener asks for it: what nobody asks for is not in it. `choices`: as
/// [ServiceEntry] names them. `hasSources`: endpoints see other addresses than the client's. `hasDatagrams`: one of
/// them is of UDP.
record Features(Set<Integer> choices, boolean hasSources, boolean hasDatagrams) {
    static final Features NONE = new Features(Set.of(), false, false);

    static final Features ALL = new Features(
            Set.of(
                    ServiceEntry.BY_ADDRESS,
                    ServiceEntry.BY_ADDRESS_AND_PORT,
                    ServiceEntry.IN_TURN,
                    ServiceEntry.BY_CHANCE),
            true,
            true);

    static final Features SOURCES = new Features(Set.of(), true, false);

    Features {
        choices = Set.copyOf(choices);
    }

    static Features of(Service service) {
        return new Features(
                Set.of(service.choice()), !service.sources().isEmpty(), service.transport() == Transport.UDP);
    }

    static Features of(Terms terms, BalancerSpec balancer) {
        return new Features(
                Set.of(Slots.choice(balancer)), !terms.sources().isEmpty(), terms.transport() == Transport.UDP);
    }

    Features and(Features more) {
        Set<Integer> all = new TreeSet<>(choices);
        all.addAll(more.choices);
        return new Features(all, hasSources || more.hasSources, hasDatagrams || more.hasDatagrams);
    }
}
