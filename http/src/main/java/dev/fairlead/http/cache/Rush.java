package dev.fairlead.http.cache;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Those who waited for a response that turned out not to be for them, and now ask for themselves: two for each one
/// that is answered or gives up, since an endpoint that has just failed, or is slow, would be overrun by all of them at
/// once. Any thread.
final class Rush {
    private static final int FOR_EACH = 2;

    private final Queue<Serving> waiting;
    private final String why;

    Rush(List<Serving> waiting, String why) {
        this.waiting = new ConcurrentLinkedQueue<>(waiting);
        this.why = why;
    }

    /// Whoever they waited for, or one of them, has a response or is gone.
    void onOneLess() {
        for (int i = 0; i < FOR_EACH; i++) {
            Serving next = waiting.poll();
            if (next == null) {
                return;
            }
            Served.on(next, () -> next.goAlone(why, this));
        }
    }
}
