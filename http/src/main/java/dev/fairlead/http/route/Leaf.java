package dev.fairlead.http.route;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.RequestHead;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The entries that are found by one host and one path, in order. Filled at the start, then only read.
final class Leaf {
    private Entry[] entries = {};
    private boolean competes;

    /// Of the prefixes: the leaf of the next shorter one. Set once all are there.
    @Nullable
    Leaf shorter;

    void add(Entry entry) {
        entries = Arrays.copyOf(entries, entries.length + 1);
        entries[entries.length - 1] = entry;
        Arrays.sort(entries);
        competes |= entry.offersMedia();
    }

    /// The entry that takes the request, or null.
    @Nullable
    Entry match(RequestHead request, Client client) {
        if (competes) {
            return mostWanted(request, client);
        }
        for (Entry entry : entries) {
            if (entry.fits(request, client)) {
                return entry;
            }
        }
        return null;
    }

    private @Nullable Entry mostWanted(RequestHead request, Client client) {
        Entry best = null;
        int most = Accept.UNWANTED;
        for (Entry entry : entries) {
            if (entry.fits(request, client)) {
                int wish = entry.wish(request.fields());
                if (wish > most) {
                    most = wish;
                    best = entry;
                }
            }
        }
        return best;
    }
}
