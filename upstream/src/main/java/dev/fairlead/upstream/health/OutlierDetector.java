package dev.fairlead.upstream.health;

import java.util.ArrayList;
import java.util.List;

/// Finds endpoints that do worse than they may, or than their group, from what real traffic saw of them in one
/// interval. Success rates are judged as Envoy defines it: an outlier is below mean - factor x standard deviation
/// of the rates of all endpoints that had enough traffic, when enough of them had. Latency is judged by the median
/// of the group: an outlier's mean is above it by a factor. Pure.
public final class OutlierDetector {
    private final Terms terms;

    /// `connectFailures` and `faults`: that many in a row; 0 judges nobody by it. The others judge an endpoint of
    /// at least `requestsMin` outcomes in the interval, among at least `endpointsMin` of those; a factor of 0
    /// judges nobody. Both factors are in percent: 190 is 1.9.
    public record Terms(
            int connectFailures,
            int faults,
            int endpointsMin,
            int requestsMin,
            int successRateFactorPercent,
            int latencyFactorPercent) {}

    /// What was seen of one endpoint: its current rows of failed connects and of faults, and the outcomes of the
    /// interval. `latencyNanos` is their mean, 0 when there was none.
    public record Seen(int connectFailuresInRow, int faultsInRow, long successes, long failures, double latencyNanos) {
        long outcomes() {
            return successes + failures;
        }

        double successRate() {
            return (double) successes / outcomes();
        }
    }

    /// Why an endpoint is ejected.
    public enum Cause {
        CONNECT_FAILURES,
        FAULTS,
        SUCCESS_RATE,
        LATENCY
    }

    /// The `endpoint`th of what was seen, and the first of the causes it gave.
    public record Outlier(int endpoint, Cause cause) {}

    public OutlierDetector(Terms terms) {
        this.terms = terms;
    }

    /// Those to eject, in the order of the list.
    public List<Outlier> judge(List<Seen> group) {
        List<Seen> measured = group.stream()
                .filter(each -> each.outcomes() > 0 && each.outcomes() >= terms.requestsMin)
                .toList();
        boolean enough = !measured.isEmpty() && measured.size() >= terms.endpointsMin;
        double rateLeast = enough && terms.successRateFactorPercent > 0 ? rateLeast(measured) : -1;
        double latencyMost =
                enough && terms.latencyFactorPercent > 0 ? latencyMost(measured) : Double.POSITIVE_INFINITY;
        List<Outlier> outliers = new ArrayList<>();
        for (int i = 0; i < group.size(); i++) {
            Seen seen = group.get(i);
            boolean isMeasured = measured.contains(seen);
            if (terms.connectFailures > 0 && seen.connectFailuresInRow >= terms.connectFailures) {
                outliers.add(new Outlier(i, Cause.CONNECT_FAILURES));
            } else if (terms.faults > 0 && seen.faultsInRow >= terms.faults) {
                outliers.add(new Outlier(i, Cause.FAULTS));
            } else if (isMeasured && seen.successRate() < rateLeast) {
                outliers.add(new Outlier(i, Cause.SUCCESS_RATE));
            } else if (isMeasured && seen.latencyNanos > latencyMost) {
                outliers.add(new Outlier(i, Cause.LATENCY));
            }
        }
        return outliers;
    }

    /// Population mean and deviation, of the outlier too: so one bad endpoint among few widens the bound that it is
    /// held against, and at a factor of 1.9 it takes five endpoints until one can be out at all.
    private double rateLeast(List<Seen> measured) {
        double mean = measured.stream().mapToDouble(Seen::successRate).average().orElseThrow();
        double variance = measured.stream()
                .mapToDouble(each -> (each.successRate() - mean) * (each.successRate() - mean))
                .average()
                .orElseThrow();
        return mean - Math.sqrt(variance) * terms.successRateFactorPercent / 100;
    }

    private double latencyMost(List<Seen> measured) {
        double[] latencies = measured.stream()
                .mapToDouble(Seen::latencyNanos)
                .filter(each -> each > 0)
                .sorted()
                .toArray();
        return latencies.length < terms.endpointsMin || latencies.length == 0
                ? Double.POSITIVE_INFINITY
                : latencies[(latencies.length - 1) / 2] * terms.latencyFactorPercent / 100;
    }
}
