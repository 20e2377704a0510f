package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The real network and the real disk. Netty's resolver is made when the first name needs it: a config without
/// names starts without it.
final class LiveOrigins implements Origins {
    private final Loops loops;
    private final Metrics metrics;

    // control thread only
    private ResolverSpec spec;

    // written by the control thread, read by any
    private volatile @Nullable Dns dns;

    LiveOrigins(ResolverSpec spec, Loops loops, Metrics metrics) {
        this.loops = loops;
        this.metrics = metrics;
        this.spec = spec;
    }

    private Dns dns() {
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
            case Source.Name(var address) -> new NameDiscovery(address, resolver(), System::nanoTime);
            case Source.Srv(String name) -> new SrvDiscovery(name, resolver(), System::nanoTime);
            case Source.File(String path, boolean keepsPort) ->
                new FileDiscovery(
                        Path.of(path), keepsPort, task -> Thread.ofVirtual().start(task));
        };
    }

    private Supplier<Resolver> resolver() {
        if (dns == null) {
            dns = dns();
        }
        return () -> Objects.requireNonNull(dns);
    }

    @Override
    public void follow(ResolverSpec next) {
        spec = next;
        Dns before = dns;
        if (before != null) {
            dns = dns();
            before.close();
        }
    }

    @Override
    public void close() {
        Dns last = dns;
        if (last != null) {
            last.close();
        }
    }
}
