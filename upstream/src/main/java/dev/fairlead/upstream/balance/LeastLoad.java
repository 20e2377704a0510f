package dev.fairlead.upstream.balance;

/// The one with the least in flight for its weight. Among equals the smooth weighted round robin decides, so that
/// an idle upstream is shared by weight too, and not left to the first of the list. All are looked at, unless the
/// one whose turn it is has nothing to do.
public final class LeastLoad implements Balancer {
    private final Load[] loads;
    private final Tally tally;
    private final RoundRobin turns;

    public LeastLoad(Load[] loads, int[] weights, int start) {
        this.loads = loads.clone();
        this.tally = new Tally(loads, weights);
        this.turns = new RoundRobin(weights, start);
    }

    @Override
    public int choose(long hash, long nowNanos) {
        int turn = turns.choose(hash, nowNanos);
        return turn < 0 || loads[turn].inFlight() == 0 ? turn : tally.least(turn);
    }
}
