package dev.fairlead.server;

import dev.fairlead.config.Change;
import dev.fairlead.config.Config;
import java.util.Set;

/// The settings that a running process cannot change: its loops, its admin address, its access log, what is in the
/// kernel, the memory of its cache.
final class Restart {
    private static final Set<String> SETTINGS = Set.of("loops", "admin", "access-log", "kernel", "cache-store");

    private Restart() {}

    static boolean isNeededFor(Change change) {
        return change instanceof Change.SettingChanged(String key, var _, var _) && SETTINGS.contains(key);
    }

    /// `next` with these settings as they run, so that `/config` tells the truth and the next reload says again
    /// what waits for a restart.
    static Config without(Config next, Config running) {
        return new Config(
                next.listeners(),
                next.upstreams(),
                running.admin(),
                running.accessLog(),
                next.resolver(),
                running.loops(),
                next.drainTimeout(),
                next.zone(),
                next.tests(),
                running.kernel(),
                running.cacheStore(),
                next.acme());
    }
}
