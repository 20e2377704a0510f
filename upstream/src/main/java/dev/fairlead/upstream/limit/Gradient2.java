package dev.fairlead.upstream.limit;

/// How many exchanges one endpoint can have in flight before it gets slow: the Gradient2 limit of Netflix's
/// concurrency-limits (github.com/Netflix/concurrency-limits, `Gradient2Limit`, and the article "Performance Under
/// Load" of 2018). Latency now is compared with a long average of it; while it is within the tolerance the limit
/// rises by a little headroom, beyond it the limit shrinks in proportion.
///
/// One departure: the long average learns a slower latency only from windows in which no more than half of the
/// limit was in flight. There, slowness is the endpoint's own and not our doing. As published, the average also
/// follows a latency that the limit itself has driven up, and under lasting overload ends by taking that for
/// normal: it would leave the knee that it had found. So that an endpoint that has become slower for good is
/// understood all the same, an average that has seen no such window for long is measured anew: for a few windows
/// the limit is the least, as Envoy's adaptive concurrency filter does to find its least round-trip time.
///
/// Fed with one mean latency a window. Pure; one thread at a time.
public final class Gradient2 {
    /// What the limit may be above what the endpoint works on at once, so that it is never idle for want of work.
    private static final double HEADROOM = 4;

    /// How much of a new limit counts against the old one.
    private static final double SMOOTHING = 0.2;

    /// The long average is exponential, over this many windows; until the first few it is a plain mean.
    private static final int LONG_WINDOWS = 600;

    private static final int WARM_UP_WINDOWS = 10;

    /// No window halves the limit by more than this.
    private static final double GRADIENT_LEAST = 0.5;

    /// So many windows in a row with more than half of the limit in flight, and the average is measured anew.
    private static final int PRESSED_MOST = 600;

    /// Windows of a measurement; in the first there is still too much in flight.
    private static final int MEASURED = 5;

    private final Terms terms;
    private double limit;
    private double longNanos;
    private int windows;
    private int pressed;
    private int measuring;
    private double measuredNanos;

    /// `tolerancePercent`: how slow it may get, relative to the long average.
    public record Terms(int min, int max, int initial, int tolerancePercent) {}

    public Gradient2(Terms terms) {
        this.terms = terms;
        this.limit = terms.initial;
    }

    public int limit() {
        return measuring > 0 ? terms.min : (int) limit;
    }

    /// The long average; 0 before the first window.
    public double longNanos() {
        return longNanos;
    }

    /// A window has ended: the mean latency in it, and the most that was in flight.
    public void window(double latencyNanos, int inFlightMost) {
        if (measuring > 0) {
            measure(latencyNanos);
            return;
        }
        boolean isPressed = inFlightMost * 2 > limit;
        learn(latencyNanos, isPressed);
        if (!isPressed) {
            // The limit was nowhere near: that it did no harm does not mean that more would do none.
            pressed = 0;
            return;
        }
        double bearable = longNanos * terms.tolerancePercent / 100;
        double gradient = Math.clamp(bearable / latencyNanos, GRADIENT_LEAST, 1);
        double wanted = limit * gradient + HEADROOM;
        limit = Math.clamp(limit + (wanted - limit) * SMOOTHING, terms.min, terms.max);
        if (++pressed >= PRESSED_MOST) {
            pressed = 0;
            measuring = MEASURED;
            measuredNanos = 0;
        }
    }

    private void measure(double latencyNanos) {
        if (measuring < MEASURED) {
            measuredNanos += latencyNanos / (MEASURED - 1);
        }
        measuring--;
        if (measuring == 0) {
            longNanos = measuredNanos;
        }
    }

    private void learn(double latencyNanos, boolean isPressed) {
        if (windows >= WARM_UP_WINDOWS && latencyNanos > longNanos && isPressed) {
            return;
        }
        windows = Math.min(windows + 1, LONG_WINDOWS);
        double weight = windows <= WARM_UP_WINDOWS ? 1.0 / windows : 2.0 / (LONG_WINDOWS + 1);
        longNanos += (latencyNanos - longNanos) * weight;
        // After an overload the average may be far too high: it comes down faster than by its own pace.
        if (longNanos > 2 * latencyNanos) {
            longNanos *= 0.95;
        }
    }
}
