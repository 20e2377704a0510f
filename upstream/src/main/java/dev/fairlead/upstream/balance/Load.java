package dev.fairlead.upstream.balance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/// What one endpoint carries now and how it answered lately: the numbers that decide, exact over all loops. Any
/// thread.
///
/// Latency is a peak-sensitive moving average (as in Finagle's and Linkerd's "peak EWMA"): an answer slower than
/// the average lifts it at once to its own time, a faster one pulls it down by how much time has passed since the
/// last, so that the rate of answers does not matter. Failures are kept apart, as a share that each failure raises
/// and each success lowers and that fades with time; the balancer multiplies by it. An endpoint that fails fast is
/// therefore never a fast endpoint: what a failure took is not part of the average, unless it took longer.
public final class Load {
    /// How fast the past is forgotten: after this long an average has lost 60% of its distance, after three times
    /// this 88%.
    static final long DECAY_NANOS = 10_000_000_000L;

    /// How far one outcome moves the share of failures.
    static final float FAILURE_STEP = 0.25f;

    /// Cost of an endpoint that only fails, relative to one that never does: 1 + this.
    static final float FAILURE_COST = 99f;

    /// Stamps count in 2^20 ns, 1.05 ms; 32 bits of them last 52 days and are compared by difference.
    private static final int STAMP_SHIFT = 20;

    private static final VarHandle IN_FLIGHT = MethodHandles.arrayElementVarHandle(int[].class);

    private static final AtomicLongFieldUpdater<Load> LATENCY =
            AtomicLongFieldUpdater.newUpdater(Load.class, "latency");
    private static final AtomicLongFieldUpdater<Load> FAILING =
            AtomicLongFieldUpdater.newUpdater(Load.class, "failing");

    /// What is in flight, on this endpoint at `place` and on its neighbours beside it: balancers that look at all of
    /// them ([Tally]) read a few cache lines instead of one for each. Loops write to these lines either way, since
    /// any loop picks any endpoint.
    private final int[] row;

    private final int place;

    /// A float of nanoseconds in the upper half, 0 while unmeasured; a stamp in the lower.
    private volatile long latency;

    /// A float from 0 to 1 in the upper half; a stamp in the lower.
    private volatile long failing;

    public Load() {
        this(new int[1], 0);
    }

    private Load(int[] row, int place) {
        this.row = row;
        this.place = place;
    }

    /// Of endpoints that come at the same time, and will be compared with each other.
    public static Load[] sideBySide(int count) {
        int[] row = new int[count];
        Load[] loads = new Load[count];
        Arrays.setAll(loads, place -> new Load(row, place));
        return loads;
    }

    /// Whether the two stand in one row.
    @SuppressWarnings("ReferenceEquality") // Two rows are two, whatever is in them.
    boolean isBeside(Load other) {
        return row == other.row;
    }

    int[] row() {
        return row;
    }

    int place() {
        return place;
    }

    /// Flows and exchanges on it now.
    public int inFlight() {
        return (int) IN_FLIGHT.getVolatile(row, place);
    }

    public void begin() {
        IN_FLIGHT.getAndAdd(row, place, 1);
    }

    /// Begins unless `max` are in flight; 0 is no bound. Exact, whatever other threads do.
    public boolean tryBegin(int max) {
        if (max == 0) {
            begin();
            return true;
        }
        int now = inFlight();
        while (now < max) {
            if (IN_FLIGHT.compareAndSet(row, place, now, now + 1)) {
                return true;
            }
            now = inFlight();
        }
        return false;
    }

    public void end() {
        int before = (int) IN_FLIGHT.getAndAdd(row, place, -1);
        assert before > 0;
    }

    /// An answer came after this long.
    public void succeeded(long latencyNanos, long nowNanos) {
        long before = failing;
        if (value(before) > 0) {
            float share = value(before) * fade(before, nowNanos);
            FAILING.compareAndSet(this, before, pack(share - FAILURE_STEP * share, nowNanos));
        }
        long seen;
        long next;
        do {
            seen = latency;
            float average = value(seen);
            float rise = (float) latencyNanos - average;
            next = pack(rise >= 0 ? (float) latencyNanos : average + rise * (1 - fade(seen, nowNanos)), nowNanos);
        } while (!LATENCY.compareAndSet(this, seen, next));
    }

    /// No answer, or one that is a fault, after this long.
    public void failed(long latencyNanos, long nowNanos) {
        long seen;
        long next;
        do {
            seen = failing;
            float share = value(seen) * fade(seen, nowNanos);
            next = pack(share + FAILURE_STEP * (1 - share), nowNanos);
        } while (!FAILING.compareAndSet(this, seen, next));
        long before = latency;
        if (latencyNanos > value(before) && value(before) > 0) {
            LATENCY.compareAndSet(this, before, pack((float) latencyNanos, nowNanos));
        }
    }

    /// The average as it was at the last answer, in nanoseconds; 0 while there was none.
    public float latencyNanos() {
        return value(latency);
    }

    /// What the endpoint is worth waiting for: latency x failures, of an endpoint with nothing in flight. An
    /// average that nothing renews drifts to `medianNanos`, that of the group, so that an endpoint that was slow
    /// once is asked again; one that has none yet begins there.
    float cost(float medianNanos, long nowNanos) {
        long seen = latency;
        float average = value(seen);
        float now = average == 0 ? medianNanos : medianNanos + (average - medianNanos) * fade(seen, nowNanos);
        long bad = failing;
        float share = value(bad);
        if (share > 0) {
            share *= fade(bad, nowNanos);
            now *= 1 + FAILURE_COST * share * share;
        }
        return now;
    }

    private static float fade(long packed, long nowNanos) {
        // A stamp from another loop may be a little ahead.
        int elapsed = Math.max(0, (int) (nowNanos >> STAMP_SHIFT) - (int) packed);
        float x = elapsed / (float) (DECAY_NANOS >> STAMP_SHIFT);
        // Close to e^-x and much cheaper.
        return 1 / (1 + x + x * x / 2);
    }

    private static float value(long packed) {
        return Float.intBitsToFloat((int) (packed >>> 32));
    }

    private static long pack(float value, long nowNanos) {
        return (long) Float.floatToRawIntBits(value) << 32 | ((nowNanos >> STAMP_SHIFT) & 0xffffffffL);
    }
}
