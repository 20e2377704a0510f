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
    private final int[] sectors;
    private final int sectorBits;
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
        this.sectorBits = Math.max(1, 32 - Integer.numberOfLeadingZeros(size));
        this.sectors = sectors();
    }

    /// The first point of each sector, so that a key's is found in a step or two.
    private int[] sectors() {
        int[] first = new int[1 << sectorBits];
        int point = 0;
        for (int sector = 0; sector < first.length; sector++) {
            while (point < points.length && sector(points[point]) < sector) {
                point++;
            }
            first[sector] = point;
        }
        return first;
    }

    /// The ring in equal parts, from the least number to the greatest.
    private int sector(long at) {
        return (int) ((at ^ Long.MIN_VALUE) >>> (Long.SIZE - sectorBits));
    }

    @Override
    public int choose(long hash, long nowNanos) {
        if (points.length == 0) {
            return -1;
        }
        int at = sectors[sector(hash)];
        while (at < points.length && points[at] < hash) {
            at++;
        }
        at = at == points.length ? 0 : at;
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
