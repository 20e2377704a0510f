package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import java.nio.file.Path;

/// The real network and the real disk.
final class LiveOrigins implements Origins {
    private final Loops loops;
    private final Metrics metrics;

    // written by the control thread, read by any
    private volatile Dns dns;

    LiveOrigins(ResolverSpec spec, Loops loops, Metrics metrics) {
        this.loops = loops;
        this.metrics = metrics;
        this.dns = dns(spec, loops, metrics);
    }

    private static Dns dns(ResolverSpec spec, Loops loops, Metrics metrics) {
        return new Dns(
                spec,
                loops,
                new HostsFile(MachineFiles.text(MachineFiles.HOSTS)),
                NameServers.of(spec, MachineFiles.text(MachineFiles.RESOLV_CONF)),
                metrics);
    }

    @Override
    public Discovery of(Source source) {
        return switch (source) {
            case Source.Name(var address) -> new NameDiscovery(address, () -> dns);
            case Source.Srv(String name) -> new SrvDiscovery(name, () -> dns);
            case Source.File(String path) ->
                new FileDiscovery(Path.of(path), task -> Thread.ofVirtual().start(task));
        };
    }

    @Override
    public void follow(ResolverSpec spec) {
        Dns before = dns;
        dns = dns(spec, loops, metrics);
        before.close();
    }

    @Override
    public void close() {
        dns.close();
    }
}
