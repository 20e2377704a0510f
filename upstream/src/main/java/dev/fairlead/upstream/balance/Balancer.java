package dev.fairlead.upstream.balance;

/// Chooses among a fixed set of endpoints, numbered from 0. Made anew whenever the set or a weight changes, off the
/// loops. Any thread may call [#choose]; it allocates nothing.
public interface Balancer {
    /// The number of an endpoint with a weight above 0, or -1 when there is none. `hash` is that of the flow's or
    /// exchange's key, of any value for a balancer that uses none.
    int choose(long hash, long nowNanos);
}
