package dev.fairlead.http.cache;

/// What one body that comes and is meant to be kept takes of the [Room] for such. One loop.
final class Claim {
    private final Room room;
    private long bytes;

    Claim(Room room) {
        this.room = room;
    }

    /// Room for so many more.
    boolean tryMore(long more) {
        if (!room.tryTake(more)) {
            return false;
        }
        bytes += more;
        return true;
    }

    void giveBack() {
        room.give(bytes);
        bytes = 0;
    }
}
