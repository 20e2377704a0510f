package dev.fairlead.server;

import dev.fairlead.upstream.Upstream;

/// Who probes the upstreams. Control thread.
interface Watch {
    /// Begins to probe the upstream, or follows its changed spec.
    void watch(Upstream upstream);

    /// Reads files again that may have changed under the same name.
    void readFiles();

    void forget(String upstream);
}
