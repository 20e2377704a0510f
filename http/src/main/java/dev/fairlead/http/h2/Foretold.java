package dev.fairlead.http.h2;

import dev.fairlead.http.message.Fields;
import java.util.LinkedHashMap;

/// Priorities of requests that have not come yet, as PRIORITY_UPDATE frames have told them (RFC 9218 §7). The last
/// few of them are kept. One loop.
public final class Foretold {
    private final LinkedHashMap<Long, Priority> waiting = new LinkedHashMap<>();
    private final int max;

    /// `max`: how many requests may be under way.
    public Foretold(int max) {
        this.max = max;
    }

    public void put(long stream, Priority priority) {
        waiting.remove(stream);
        if (waiting.size() >= max) {
            waiting.pollFirstEntry();
        }
        waiting.put(stream, priority);
    }

    /// Of a request that has come with these fields: what a frame says is later than what the request does.
    public Priority of(long stream, Fields fields) {
        Priority told = waiting.isEmpty() ? null : waiting.remove(stream);
        return told == null ? Priority.of(fields) : told;
    }
}
