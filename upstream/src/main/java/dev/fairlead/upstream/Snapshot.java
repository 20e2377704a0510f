package dev.fairlead.upstream;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.balance.Draws;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one pick sees of an upstream. Made by the control thread whenever an endpoint comes, goes, changes its
/// health or its weight; immutable. `whole` is what is chosen among when nothing names a subset.
record Snapshot(
        UpstreamSpec spec,
        List<Endpoint> all,
        Subset whole,
        @Nullable Subsets subsets) {

    static Snapshot of(UpstreamSpec spec, List<Endpoint> all, Draws draws) {
        List<Endpoint> members = List.copyOf(all);
        if (spec.subset() == null) {
            return new Snapshot(spec, members, Subset.of(spec, null, members, draws), null);
        }
        Subsets subsets = Subsets.of(spec, spec.subset(), members, draws);
        return new Snapshot(spec, members, subsets.otherwise(), subsets);
    }

    /// The endpoints that this flow or exchange may have.
    Subset subset(Choice choice) {
        Subsets named = subsets;
        return named == null ? whole : named.of(choice);
    }

    /// Subsets that no request can name, since there are too many.
    int unnamedSubsets() {
        return subsets == null ? 0 : subsets.unnamed();
    }

    /// Whether any of the subsets is.
    boolean isPanicking() {
        return whole.isPanicking() || (subsets != null && subsets.isPanicking());
    }
}
