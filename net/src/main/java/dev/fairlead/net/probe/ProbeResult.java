package dev.fairlead.net.probe;

/// What one probe found; `reason` is for the log.
record ProbeResult(boolean isGood, String reason) {
    static ProbeResult good(String reason) {
        return new ProbeResult(true, reason);
    }

    static ProbeResult bad(String reason) {
        return new ProbeResult(false, reason);
    }
}
