package dev.fairlead.admin;

import dev.fairlead.config.Config;
import dev.fairlead.config.Problem;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an operator may ask of a running Fairlead. The admin server asks, the program answers. Any thread.
public interface Operations {
    /// The config that runs now.
    Config config();

    Upstreams upstreams();

    /// The planes that accept now.
    Collection<Plane> planes();

    Metrics metrics();

    /// Why no new traffic may be sent here, in a few words; null when it may.
    @Nullable
    String notReady();

    /// Reads the config file again and follows it. Returns when that is done or refused.
    Reloaded reload();

    /// Follows what an operator says of an endpoint. Returns when that is done.
    EndpointOrder.Told tell(EndpointOrder order);

    /// Follows what an operator says of a listener. Returns when that is done.
    ListenerOrder.Told tell(ListenerOrder order);

    /// What would become of a request, and why. Changes and counts nothing.
    Explained explain(RequestQuestion question);

    /// What is kept of responses, as a tree of maps, lists and values.
    Map<String, Object> cache();

    /// Forgets kept responses. Returns when that is done.
    PurgeOrder.Told purge(PurgeOrder order);

    /// The listeners that do not accept, in no order: what drains, and what an operator has drained.
    Collection<Departed> departed();

    /// When the flows that are still on a draining endpoint are cut, of [System#nanoTime]; null: never, or it does
    /// not drain.
    @Nullable
    Long drainDeadlineNanos(Endpoint endpoint);

    /// A listener that does not accept. `plane` is null once nothing is left of it.
    record Departed(String listener, @Nullable Plane plane, long deadlineNanos) {}

    /// Begins a drain, at whose end the process exits. Returns at once.
    void drain();

    /// What an operator is told of a request.
    sealed interface Explained {
        /// As a tree of maps, lists and values.
        record Done(Map<String, Object> tree) implements Explained {}

        /// The question cannot be answered, and why.
        record Unknown(String reason) implements Explained {}
    }

    /// How a reload ended.
    sealed interface Reloaded {
        /// The new config runs, but for the changes that need a restart. `problems` are warnings.
        record Done(List<String> changes, List<String> needRestart, List<Problem> problems) implements Reloaded {
            public Done {
                changes = List.copyOf(changes);
                needRestart = List.copyOf(needRestart);
                problems = List.copyOf(problems);
            }
        }

        /// The file is wrong; nothing has happened.
        record Invalid(List<Problem> problems) implements Reloaded {
            public Invalid {
                problems = List.copyOf(problems);
            }
        }

        /// The file is right and could not be followed; all of it is undone.
        record Failed(String reason) implements Reloaded {}
    }
}
