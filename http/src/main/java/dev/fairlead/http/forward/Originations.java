package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTlsSpec;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.tls.Origination;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How TLS is spoken to the endpoints of each upstream that has `tls`. Changed by the control thread; loops look one up
/// when they are to connect.
public final class Originations {
    private static final Logger LOG = LoggerFactory.getLogger(Originations.class);

    private final Loops loops;
    private final Map<String, Origination> byUpstream = new ConcurrentHashMap<>();

    public Originations(Loops loops) {
        this.loops = loops;
    }

    /// Null: it cannot be spoken, for want of its files; then there is no connection at all.
    @Nullable
    Origination of(String upstream) {
        return byUpstream.get(upstream);
    }

    /// Follows the upstream's spec, before its endpoints do.
    public void follow(UpstreamSpec upstream) {
        UpstreamTlsSpec spec = upstream.tls();
        Origination before = byUpstream.get(upstream.name());
        boolean isHttp2 = upstream.http2() != null;
        if (spec == null) {
            forget(upstream.name());
        } else if (before == null
                || before.isHttp2() != isHttp2
                || !before.spec().equals(spec)) {
            read(upstream.name(), spec, isHttp2);
        }
    }

    /// Reads all files again: certificates are renewed under the same name.
    public void readFiles() {
        byUpstream.forEach((upstream, origination) -> read(upstream, origination.spec(), origination.isHttp2()));
    }

    public void forget(String upstream) {
        retire(byUpstream.remove(upstream));
    }

    private void read(String upstream, UpstreamTlsSpec spec, boolean isHttp2) {
        try {
            retire(byUpstream.put(upstream, Origination.of(spec, isHttp2)));
        } catch (IOException unusable) {
            LOG.atError()
                    .addKeyValue("upstream", upstream)
                    .addKeyValue("reason", unusable.getMessage())
                    .log("TLS to the endpoints goes on with what it has, if anything: a file cannot be used");
            Origination before = byUpstream.get(upstream);
            if (before != null && (before.isHttp2() != isHttp2 || !before.spec().equals(spec))) {
                // What was asked for before is not what is asked for now: it may have been less.
                forget(upstream);
            }
        }
    }

    /// Lets go of native memory once no loop can be about to begin a connection with it.
    private void retire(@Nullable Origination old) {
        if (old == null) {
            return;
        }
        AtomicInteger left = new AtomicInteger(loops.count());
        for (Loop loop : loops.all()) {
            loop.eventLoop().execute(() -> {
                if (left.decrementAndGet() == 0) {
                    old.release();
                }
            });
        }
    }

    /// Nothing is forwarded any more.
    public void close() {
        byUpstream.keySet().forEach(this::forget);
    }
}
