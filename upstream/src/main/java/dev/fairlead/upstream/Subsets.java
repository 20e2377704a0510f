package dev.fairlead.upstream;

import dev.fairlead.config.SubsetSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.balance.Draws;
import dev.fairlead.upstream.balance.Hash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The subsets of an upstream by the values of one label, and which of them a request names. A name is looked up by
/// its hash, so that a pick makes no text of a header. Names that share a hash can be found by whoever looks for
/// them; that opens nothing, since every client may name every value anyway. Immutable.
final class Subsets {
    private final @Nullable HashKey header;
    private final Subset otherwise;
    /// By the hash of their values, ascending.
    private final Subset[] named;
    private final long[] hashes;
    private final int unnamed;

    private Subsets(@Nullable HashKey header, Subset otherwise, List<Subset> named, int unnamed) {
        this.header = header;
        this.otherwise = otherwise;
        this.unnamed = unnamed;
        this.named =
                named.stream().sorted((a, b) -> Long.compare(hash(a), hash(b))).toArray(Subset[]::new);
        this.hashes = Arrays.stream(this.named).mapToLong(Subsets::hash).toArray();
    }

    private static long hash(Subset subset) {
        return Hash.of(String.valueOf(subset.value()));
    }

    static Subsets of(UpstreamSpec spec, SubsetSpec wanted, List<Endpoint> all, Draws draws) {
        Map<String, List<Endpoint>> byValue = byValue(wanted.label(), all);
        Subset otherwise = otherwise(spec, wanted, byValue, all, draws);
        if (wanted.header() == null) {
            return new Subsets(null, otherwise, List.of(), 0);
        }
        List<Subset> named = new ArrayList<>();
        byValue.forEach((value, members) -> {
            // Those that come and go with discovery: beyond the bound they have no name.
            if (named.size() < SubsetSpec.VALUES_MAX) {
                named.add(value.equals(otherwise.value()) ? otherwise : Subset.of(spec, value, members, draws));
            }
        });
        return new Subsets(new HashKey.Header(wanted.header()), otherwise, named, byValue.size() - named.size());
    }

    private static Map<String, List<Endpoint>> byValue(String label, List<Endpoint> all) {
        Map<String, List<Endpoint>> byValue = new TreeMap<>();
        for (Endpoint endpoint : all) {
            String value = endpoint.spec().label(label);
            if (value != null) {
                byValue.computeIfAbsent(value, _ -> new ArrayList<>()).add(endpoint);
            }
        }
        return byValue;
    }

    private static Subset otherwise(
            UpstreamSpec spec,
            SubsetSpec wanted,
            Map<String, List<Endpoint>> byValue,
            List<Endpoint> all,
            Draws draws) {
        List<Endpoint> members = wanted.value() == null ? null : byValue.get(wanted.value());
        if (members != null) {
            return Subset.of(spec, wanted.value(), members, draws);
        }
        return switch (wanted.fallback()) {
            case ANY -> Subset.of(spec, null, all, draws);
            case NONE -> Subset.none(draws);
        };
    }

    /// What is chosen among when no subset that is there is named.
    Subset otherwise() {
        return otherwise;
    }

    /// What this flow or exchange is chosen for among. Any thread; allocates nothing.
    Subset of(Choice choice) {
        if (header == null) {
            return otherwise;
        }
        long hash = choice.hash(header);
        int at = hash == Choice.NO_KEY ? -1 : Arrays.binarySearch(hashes, hash);
        return at < 0 ? otherwise : named[at];
    }

    /// How many values there are beyond those that may be named.
    int unnamed() {
        return unnamed;
    }

    boolean isPanicking() {
        return Arrays.stream(named).anyMatch(Subset::isPanicking);
    }
}
