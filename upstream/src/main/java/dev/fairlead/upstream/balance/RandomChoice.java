package dev.fairlead.upstream.balance;

/// Each by chance, as often as its weight says. Needs no memory of earlier picks, so many processes need no
/// agreement.
public final class RandomChoice implements Balancer {
    private final Lots lots;
    private final Draws draws;

    public RandomChoice(int[] weights, Draws draws) {
        this.lots = new Lots(weights);
        this.draws = draws;
    }

    @Override
    public int choose(long hash, long nowNanos) {
        return lots.draw(draws.next());
    }
}
