package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.message.ResponseHead;
import org.jspecify.annotations.Nullable;

/// Says in `Cache-Status` why a response does not come from the cache, before another filter if there is one.
final class Passing implements ResponseFilter {
    private final @Nullable ResponseFilter next;
    private final CacheLane lane;
    private final String why;
    private final Runnable onAnswered;

    Passing(@Nullable ResponseFilter next, CacheLane lane, String why, Runnable onAnswered) {
        this.next = next;
        this.lane = lane;
        this.why = why;
        this.onAnswered = onAnswered;
    }

    @Override
    public void change(Exchange exchange, ResponseHead head) {
        lane.tell(exchange, head.fields(), "fwd=" + why);
        if (next != null) {
            next.change(exchange, head);
        }
        onAnswered.run();
    }
}
