package dev.fairlead.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// When and how an exchange is tried again (Layer 7), and the budget for it, which the connects of flows share;
/// `attempts` of the upstream bounds how often.
public record RetrySpec(
        @Key(
                value =
                        "Statuses of an answer that ask for another attempt, of idempotent methods only. The last attempt's answer goes to the client as it came. None by default: a 503 mostly says that the service has too much to do already, and only its operator knows better.",
                example = "[502-504]",
                form = Form.STATUS,
                orOne = true)
        List<StatusRange> statuses,

        @Key(
                value =
                        "How long one attempt may take from the whole request sent to the answer's head, before another is made. Shorter than `timeouts.first-byte`, after which the exchange ends. Absent: a slow endpoint is waited for.",
                optional = true,
                min = "1ms",
                max = "1d")
        @Nullable
        Duration attemptTimeout,

        @Key(
                value =
                        "The longest pause before the first retry; it doubles with each. The pause is drawn evenly between nothing and that (full jitter), so that exchanges that failed together do not come back together. 25ms lets a hiccup pass.",
                absent = "25ms",
                min = "0s",
                max = "1m")
        Duration backoffBase,

        @Key(
                value = "What the longest pause grows to. 250ms is ten times the base, and no client notices it.",
                absent = "250ms",
                min = "0s",
                max = "10m")
        Duration backoffMax,

        @Key(
                value =
                        "Retries under way at once, those that pause included, in percent of the flows and exchanges in their first attempt on the upstream; of flows it is the connects that are retried. 20 bounds what retries add when everything fails, and is more than a healthy service needs.",
                absent = "20",
                min = "0",
                max = "100")
        int budget,

        @Key(
                value =
                        "Retries that may be under way whatever `budget` says: with little traffic, a percentage would allow none.",
                absent = "3",
                min = "0",
                max = "10000")
        int budgetMin,

        @Key(
                value =
                        "Bytes of a request's body that are kept to be sent again; a request with more is not tried again once they were sent. Only bodies of idempotent methods (PUT, DELETE) are kept; with `http2`, all are, since what an endpoint has refused to look at is asked again whatever its method. 64KiB holds what forms and APIs send.",
                absent = "64KiB",
                min = "0B",
                max = "16MiB",
                form = Form.SIZE)
        int replayBytes,

        @Key(
                value =
                        "Bytes of such bodies that are kept at once for all exchanges of the upstream; while it is reached, others are not kept. 16MiB are 256 of the largest.",
                absent = "16MiB",
                min = "0B",
                max = "16GiB",
                form = Form.SIZE)
        long replayBytesTotal,

        @Key(
                value =
                        "Hedging: when the answer has not begun after what this percentage of the upstream's latest answers took, a second attempt is made on another endpoint, and the first answer counts; of idempotent methods only, and within `budget`. 95 asks a twentieth more. 0: never.",
                absent = "0",
                min = "0",
                max = "99")
        int hedgePercentile,

        @Key(
                value =
                        "No hedge before that, however fast the upstream is: 10ms is soon enough for any client, and longer than the pauses of a busy machine.",
                absent = "10ms",
                min = "1ms",
                max = "1h")
        Duration hedgeDelayMin,

        @Key(
                value =
                        "Statuses of a gRPC call that ask for another attempt, whatever it calls, as long as nothing but the status was answered and all of the request can be sent again; see docs/grpc.md. None by default.",
                orOne = true,
                example = "[unavailable]")
        List<GrpcStatus> grpcStatuses) {
    public static final RetrySpec DEFAULT =
            new RetrySpec(List.of(), null, Duration.ofMillis(25), Duration.ofMillis(250), 20, 3, 64 << 10, 16 << 20);

    /// Retries without hedging.
    public RetrySpec(
            List<StatusRange> statuses,
            @Nullable Duration attemptTimeout,
            Duration backoffBase,
            Duration backoffMax,
            int budget,
            int budgetMin,
            int replayBytes,
            long replayBytesTotal) {
        this(
                statuses,
                attemptTimeout,
                backoffBase,
                backoffMax,
                budget,
                budgetMin,
                replayBytes,
                replayBytesTotal,
                0,
                Duration.ofMillis(10),
                List.of());
    }

    public RetrySpec {
        statuses = List.copyOf(statuses);
        grpcStatuses = List.copyOf(grpcStatuses);
    }

    /// The same retries with this hedging.
    public RetrySpec hedging(int percentile, Duration delayMin) {
        return new RetrySpec(
                statuses,
                attemptTimeout,
                backoffBase,
                backoffMax,
                budget,
                budgetMin,
                replayBytes,
                replayBytesTotal,
                percentile,
                delayMin,
                grpcStatuses);
    }

    /// Whether an answer of this status asks for another attempt.
    public boolean isFor(int status) {
        for (int i = 0; i < statuses.size(); i++) {
            if (statuses.get(i).holds(status)) {
                return true;
            }
        }
        return false;
    }
}
