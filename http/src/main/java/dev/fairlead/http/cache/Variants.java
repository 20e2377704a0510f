package dev.fairlead.http.cache;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What is kept under one key: every variant of it ([Vary]), the newest first. Pure.
final class Variants {
    /// Variants of one key: more would be a `Vary` on something that no two clients share.
    private static final int VARIANTS_MAX = 32;

    private Variants() {}

    static int weight(String key, Entry[] variants) {
        long all = 64L + key.length();
        for (Entry variant : variants) {
            all += variant.weight();
        }
        return (int) Math.min(Integer.MAX_VALUE, all);
    }

    /// With one in the place of that which is for the same requests.
    static Entry[] with(Entry[] before, Entry entry) {
        Entry[] all = new Entry[before.length + 1];
        all[0] = entry;
        int count = 1;
        for (Entry each : before) {
            if (!each.vary().isSame(entry.vary())) {
                all[count++] = each;
            }
        }
        return Arrays.copyOf(all, Math.min(count, VARIANTS_MAX));
    }

    /// The variant for the same requests.
    static @Nullable Entry same(Entry @Nullable [] variants, Vary vary) {
        return variants == null
                ? null
                : Arrays.stream(variants)
                        .filter(each -> each.vary().isSame(vary))
                        .findFirst()
                        .orElse(null);
    }
}
