package dev.fairlead.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What has to be done to get from one config to another, in an order in which it can be done: what listeners lead
/// to is there before them, and leaves after them.
public final class ConfigDiff {
    private ConfigDiff() {}

    /// Upstreams added, upstreams changed, listeners added, listeners changed, settings, listeners removed,
    /// upstreams removed. A listener with another protocol, or of whose addresses none stays, is a listener removed
    /// and one added; where both have one port, whoever applies the changes has to free it first.
    public static List<Change> between(Config before, Config after) {
        List<Change> changes = new ArrayList<>();
        added(before.upstreams(), after.upstreams(), Change.UpstreamAdded::new, changes);
        after.upstreams().forEach((name, spec) -> {
            UpstreamSpec old = before.upstreams().get(name);
            if (old != null && !old.equals(spec)) {
                changes.add(new Change.UpstreamChanged(old, spec));
            }
        });
        after.listeners().forEach((name, spec) -> {
            ListenerSpec old = before.listeners().get(name);
            if (old == null || !isSamePlace(old, before, spec, after)) {
                changes.add(new Change.ListenerAdded(spec));
            }
        });
        after.listeners().forEach((name, spec) -> {
            ListenerSpec old = before.listeners().get(name);
            if (old != null && isSamePlace(old, before, spec, after) && !old.equals(spec)) {
                changes.add(new Change.ListenerChanged(old, spec));
            }
        });
        setting("loops", Config::loops, before, after, changes);
        setting("admin", Config::admin, before, after, changes);
        setting("access-log", Config::accessLog, before, after, changes);
        setting("resolver", Config::resolver, before, after, changes);
        setting("drain-timeout", Config::drainTimeout, before, after, changes);
        setting("zone", Config::zone, before, after, changes);
        setting("kernel", Config::kernel, before, after, changes);
        setting("cache-store", Config::cacheStore, before, after, changes);
        setting("acme", Config::acme, before, after, changes);
        before.listeners().forEach((name, spec) -> {
            ListenerSpec now = after.listeners().get(name);
            if (now == null || !isSamePlace(spec, before, now, after)) {
                changes.add(new Change.ListenerRemoved(spec));
            }
        });
        added(after.upstreams(), before.upstreams(), Change.UpstreamRemoved::new, changes);
        return List.copyOf(changes);
    }

    /// What `now` has and `before` has not.
    private static <T> void added(
            Map<String, T> before, Map<String, T> now, Function<T, Change> change, List<Change> changes) {
        now.forEach((name, spec) -> {
            if (!before.containsKey(name)) {
                changes.add(change.apply(spec));
            }
        });
    }

    private static boolean isSamePlace(ListenerSpec a, Config before, ListenerSpec b, Config after) {
        return a.getClass() == b.getClass() && carrier(a, before) == carrier(b, after) && canMove(a, b);
    }

    /// Whether some of its addresses stay, and none that goes is in the way of one that comes.
    private static boolean canMove(ListenerSpec a, ListenerSpec b) {
        if (a.addresses().equals(b.addresses())) {
            return true;
        }
        Set<Address> before = new HashSet<>(a.eachAddress());
        List<Address> now = b.eachAddress();
        return now.stream().anyMatch(before::contains)
                && now.stream()
                        .filter(each -> !before.contains(each))
                        .map(AddressRange::of)
                        .noneMatch(fresh -> a.addresses().stream().anyMatch(fresh::clashesWith));
    }

    /// What will carry the listener as far as the config decides; null for one of Layer 7.
    private static @Nullable Carrier carrier(ListenerSpec listener, Config config) {
        Carrier wanted = KernelFit.carrier(listener);
        return wanted == Carrier.AUTO
                        && !KernelFit.of(listener, Carrier.AUTO, config.upstreams())
                                .isEmpty()
                ? Carrier.SOCKET
                : wanted;
    }

    private static void setting(
            String key, Function<Config, @Nullable Object> value, Config before, Config after, List<Change> changes) {
        Object old = value.apply(before);
        Object now = value.apply(after);
        if (!Objects.equals(old, now)) {
            changes.add(new Change.SettingChanged(key, old, now));
        }
    }
}
