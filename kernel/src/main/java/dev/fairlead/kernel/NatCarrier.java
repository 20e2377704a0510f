package dev.fairlead.kernel;

import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One of Linux's ways to carry listeners of Layer 4. The control thread.
public interface NatCarrier extends AutoCloseable {
    /// These listeners are going to start, as far as they are for this carrier: it may begin with what they need.
    void expect(Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams);

    /// A reload is about to bring these listeners. Throws, and changes nothing, when Linux does not let them have what
    /// they ask for; what is looked up at a start is looked up again.
    default void prepare(Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams) throws IOException {}

    /// Why this listener cannot be carried here, in words for the log; null when it can. Tries it: after a good
    /// answer what is needed in Linux is there.
    @Nullable
    String missing(ListenerSpec listener, Map<String, UpstreamSpec> upstreams);

    /// A plane for the listener, not yet started.
    Plane plane(ListenerSpec listener, Upstreams upstreams);

    /// Every listener of the config has started: what an earlier process has left and none of them has claimed goes.
    void started() throws IOException;

    /// Takes out of Linux what was put there, unless Linux is to go on. All planes are closed.
    @Override
    void close();
}
