package dev.fairlead.server;

import dev.fairlead.config.Config;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.upstream.Plane;
import java.io.IOException;

/// Where planes come from.
interface PlaneSource {
    /// The plane for a listener, not yet started.
    Plane plane(ListenerSpec spec);

    /// A reload is about to lead to this config. Throws when it asks for what cannot be had.
    void prepare(Config next) throws IOException;
}
