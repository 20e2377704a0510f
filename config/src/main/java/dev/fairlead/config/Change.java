package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// One difference between two configs, as [ConfigDiff] finds it.
public sealed interface Change {
    record UpstreamAdded(UpstreamSpec spec) implements Change {}

    record UpstreamChanged(UpstreamSpec before, UpstreamSpec after) implements Change {}

    record UpstreamRemoved(UpstreamSpec spec) implements Change {}

    record ListenerAdded(ListenerSpec spec) implements Change {}

    /// Name, kind and address are the same: its socket stays, and with it every connection.
    record ListenerChanged(ListenerSpec before, ListenerSpec after) implements Change {}

    record ListenerRemoved(ListenerSpec spec) implements Change {}

    /// Anything else; `key` as in the file, such as `drain-timeout`. Null: not given.
    record SettingChanged(
            String key, @Nullable Object before, @Nullable Object after) implements Change {}
}
