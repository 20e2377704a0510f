package dev.fairlead.config;

/// Statuses from `first` to `last`, both included; written `200` or `200-399`.
public record StatusRange(int first, int last) {
    public StatusRange {
        if (first < 100 || last > 599 || first > last) {
            throw new IllegalArgumentException("statuses from 100 to 599, as 200 or 200-399");
        }
    }

    public boolean holds(int status) {
        return first <= status && status <= last;
    }
}
