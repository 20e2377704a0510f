package dev.fairlead.net.resolve;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.NamedAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/// One source of endpoints outside the config. The door for further kinds: whoever can answer this question can
/// feed an upstream, and all the rest (keeping the last answer, jitter, logs, metrics, joining and leaving of
/// endpoints) is done by [Discoveries].
///
/// A source that is asked again and again (DNS) answers when it knows and says how long the answer holds. A source
/// that is told of changes (a watch of Kubernetes or etcd, a blocking query of Consul) answers the first time at
/// once, and from then on only when something has changed, with [Answer#again] zero.
public interface Discovery extends AutoCloseable {
    /// Asks once; the next question comes after the answer. Called on the control thread, which it must not hold
    /// up; the stage may complete on any thread. One that completes exceptionally is a [Failed] to be tried again
    /// soon.
    CompletionStage<Answer> ask();

    /// Nothing more is asked; a question that is open may stay without an answer. Control thread.
    @Override
    default void close() {}

    /// What a question brought.
    sealed interface Answer {
        /// How long from now until the next question.
        Duration again();
    }

    /// All endpoints that the source has now, perhaps none. Those with a name are resolved by [Discoveries]; `names`
    /// are those by which the source has found addresses itself.
    record Found(List<EndpointSpec> endpoints, Duration again, Map<EndpointAddress, NamedAddress> names)
            implements Answer {
        public Found {
            endpoints = List.copyOf(endpoints);
            names = Map.copyOf(names);
        }

        public Found(List<EndpointSpec> endpoints, Duration again) {
            this(endpoints, again, Map.of());
        }
    }

    /// Nothing has happened since the last answer; it is not counted.
    record Unchanged(Duration again) implements Answer {}

    /// The source knows for sure that there is nothing, and has said so for as long as it is asked to be patient:
    /// all endpoints go. The reason is for the log.
    record Gone(String reason, Duration again) implements Answer {}

    /// Nothing could be learnt: what is known stays. The reason is for the log.
    record Failed(String reason, Duration again) implements Answer {}
}
