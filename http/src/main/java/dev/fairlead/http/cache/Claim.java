package dev.fairlead.http.cache;

/// What one body that comes and is meant to be kept takes of the memory for such. One loop.
final class Claim {
    private final Underway underway;
    private long bytes;

    Claim(Underway underway) {
        this.underway = underway;
    }

    /// Room for so many more.
    boolean tryMore(long more) {
        if (!underway.tryFilling(more)) {
            return false;
        }
        bytes += more;
        return true;
    }

    void giveBack() {
        underway.filled(bytes);
        bytes = 0;
    }
}
