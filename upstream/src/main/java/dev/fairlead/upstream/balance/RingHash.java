package dev.fairlead.upstream.balance;

import java.util.Arrays;

/// Consistent hashing on a ring (Karger et al.: Consistent Hashing and Random Trees, STOC 1997): each endpoint has
/// points on it, and a key belongs to the next point. When an endpoint leaves, only its own keys move. Points are
/// many, as ketama has them, since the arcs between few would be very unequal; the shares still vary more than
/// [Maglev]'s.
public final class RingHash implements Balancer {
    /// Points of the heaviest endpoint; the others have as many as their weight is of that.
    static final int POINTS = 256;

    private final long[] points;
    private final int[] owners;
    private final Bound bound;

    public RingHash(String[] names, Load[] loads, int[] weights, int boundPercent) {
        this.bound = new Bound(loads, weights, boundPercent);
        long heaviest = Math.max(1, Arrays.stream(weights).max().orElse(1));
        int size = 0;
        int[] counts = new int[weights.length];
        for (int i = 0; i < weights.length; i++) {
            counts[i] = weights[i] == 0 ? 0 : (int) Math.max(1L, (long) POINTS * weights[i] / heaviest);
            size += counts[i];
        }
        record Point(long at, int owner) {}
        Point[] ring = new Point[size];
        int next = 0;
        for (int i = 0; i < weights.length; i++) {
            long name = Hash.of(names[i]);
            for (int k = 0; k < counts[i]; k++) {
                ring[next++] = new Point(Hash.with(name, k), i);
            }
        }
        Arrays.sort(ring, (a, b) -> Long.compare(a.at, b.at));
        this.points = Arrays.stream(ring).mapToLong(Point::at).toArray();
        this.owners = Arrays.stream(ring).mapToInt(Point::owner).toArray();
    }

    @Override
    public int choose(long hash, long nowNanos) {
        if (points.length == 0) {
            return -1;
        }
        int found = Arrays.binarySearch(points, hash);
        int at = (found < 0 ? -found - 1 : found) % points.length;
        int first = owners[at];
        long all = bound.allIfFull(first);
        if (all < 0) {
            return first;
        }
        int full = first;
        for (int i = 1; i < points.length; i++) {
            int next = owners[at + i < points.length ? at + i : at + i - points.length];
            if (next != full && bound.hasRoom(next, all)) {
                return next;
            }
            full = next;
        }
        return first;
    }
}
