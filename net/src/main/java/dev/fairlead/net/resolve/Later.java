package dev.fairlead.net.resolve;

import java.time.Duration;

/// Runs tasks on the control thread, after a while.
interface Later {
    /// What it returns calls the task off.
    Runnable run(Duration wait, Runnable task);
}
