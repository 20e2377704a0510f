package dev.fairlead.http.route;

import dev.fairlead.config.MediaRange;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.util.List;

/// Asks whether the client wants one of the media types that a route offers, and how much.
record Wanted(Media[] offers) implements Criterion {
    /// A route that does not say what it has may have anything.
    static final Wanted ANYTHING = of(List.of(new MediaRange("*", "*", java.util.Map.of())));

    static Wanted of(List<MediaRange> offers) {
        return new Wanted(offers.stream().map(Media::of).toArray(Media[]::new));
    }

    @Override
    public boolean holds(RequestHead request, Client client) {
        return wish(request.fields()) > Accept.UNWANTED;
    }

    /// How much the client wants the best of the offers, as [Accept#wish] counts.
    int wish(Fields fields) {
        int best = Accept.UNWANTED;
        for (Media offer : offers) {
            best = Math.max(best, Accept.wish(fields, offer));
        }
        return best;
    }
}
