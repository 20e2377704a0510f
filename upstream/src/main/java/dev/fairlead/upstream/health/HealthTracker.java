package dev.fairlead.upstream.health;

/// Turns probe results into health: `rise` good ones in a row bring an endpoint up, `fall` bad ones take it down.
/// The very first result decides alone, so that a new process knows its endpoints after one round. Pure; one
/// thread.
public final class HealthTracker {
    private final int rise;
    private final int fall;
    private Health health;
    private int against;

    public HealthTracker(int rise, int fall, Health before) {
        this.rise = rise;
        this.fall = fall;
        this.health = before;
    }

    public Health health() {
        return health;
    }

    /// Takes one result and returns the health after it.
    public Health on(boolean good) {
        Health says = good ? Health.UP : Health.DOWN;
        if (says == health) {
            against = 0;
        } else if (health == Health.UNKNOWN || ++against >= (good ? rise : fall)) {
            health = says;
            against = 0;
        }
        return health;
    }
}
