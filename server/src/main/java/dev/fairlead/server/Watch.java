package dev.fairlead.server;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.Upstream;

/// Who probes the upstreams, and connects to them. Control thread.
interface Watch {
    /// Makes ready what connections to the upstream need, before its endpoints follow the spec.
    void prepare(UpstreamSpec spec);

    /// Begins to probe the upstream, or follows its changed spec.
    void watch(Upstream upstream);

    /// Reads files again that may have changed under the same name.
    void readFiles();

    void forget(String upstream);
}
