package dev.fairlead.http.h2;

import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;

/// When an endpoint is overdue on one stream, and with what: its answer's head, or the next bytes, either way. Its loop
/// only; its owner ends it.
final class Overdue extends Deadline {
    private final H2Attempt attempt;
    private boolean isResponse;

    Overdue(Loop loop, H2Attempt attempt) {
        super(loop);
        this.attempt = attempt;
    }

    void response(long atNanos) {
        isResponse = true;
        at(atNanos);
    }

    void progress(long atNanos) {
        isResponse = false;
        at(atNanos);
    }

    @Override
    protected void onExpired(long nowNanos) {
        attempt.onOverdue(isResponse);
    }
}
