package dev.fairlead.server;

import dev.fairlead.config.ListenerSpec;
import dev.fairlead.upstream.Plane;

/// Makes the plane for a listener, not yet started.
interface PlaneSource {
    Plane plane(ListenerSpec spec);
}
