package dev.fairlead.upstream.balance;

/// Two drawn by weight, never the same one twice, and of those the one with less in flight for its weight
/// (Mitzenmacher: The Power of Two Choices in Randomized Load Balancing, IEEE TPDS 2001). With two endpoints both
/// are always compared, which is then exactly the least load; a draw with repetition would take the busier one in a
/// quarter of the picks. Of equals the first drawn is taken, so an idle upstream is shared by weight.
public final class PowerOfTwo implements Balancer {
    private final Load[] loads;
    private final int[] weights;
    private final Lots lots;
    private final Draws draws;

    public PowerOfTwo(Load[] loads, int[] weights, Draws draws) {
        this.loads = loads.clone();
        this.weights = weights.clone();
        this.lots = new Lots(weights);
        this.draws = draws;
    }

    @Override
    public int choose(long hash, long nowNanos) {
        long random = draws.next();
        int one = lots.draw(random);
        if (one < 0) {
            return -1;
        }
        int other = lots.drawOther(one, random);
        boolean isLess = (long) loads[other].inFlight() * weights[one] < (long) loads[one].inFlight() * weights[other];
        return isLess ? other : one;
    }
}
