package dev.fairlead.kernel;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/// What a thread is to do soon: once for all who ask before it begins. A thousand listeners may drain at once, and one
/// look at the flows does for them. Any thread.
public final class Soon {
    private final Executor thread;
    private final Runnable task;
    private final AtomicBoolean isAsked = new AtomicBoolean();

    public Soon(Executor thread, Runnable task) {
        this.thread = thread;
        this.task = task;
    }

    public void ask() {
        if (!isAsked.getAndSet(true)) {
            thread.execute(() -> {
                isAsked.set(false);
                task.run();
            });
        }
    }
}
