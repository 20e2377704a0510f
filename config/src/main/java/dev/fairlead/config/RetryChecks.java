package dev.fairlead.config;

import java.util.function.BiConsumer;

/// Whether the parts of `retry` fit together, and the upstream's time-outs. Problems are told by their path.
final class RetryChecks {
    private final UpstreamSpec upstream;
    private final String path;
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    RetryChecks(UpstreamSpec upstream, BiConsumer<String, String> error) {
        this.upstream = upstream;
        this.path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/retry";
        this.error = error;
    }

    void run() {
        RetrySpec retry = upstream.retry();
        for (int i = 0; i < retry.statuses().size(); i++) {
            if (retry.statuses().get(i).first() < 400) {
                error.accept(path + "/statuses/" + i, "an answer below 400 is no failure: the client wants it");
            }
        }
        if (!retry.grpcStatuses().isEmpty() && upstream.http2() == null) {
            error.accept(path + "/grpc-statuses", "calls of gRPC need `http2`: no answer would have such a status");
        }
        if (retry.grpcStatuses().contains(GrpcStatus.OK)) {
            error.accept(path + "/grpc-statuses", "`ok` is no failure: the client wants it");
        }
        if (retry.backoffBase().compareTo(retry.backoffMax()) > 0) {
            error.accept(path + "/backoff-base", "`backoff-base` is above `backoff-max`");
        }
        if (retry.attemptTimeout() != null
                && retry.attemptTimeout().compareTo(upstream.timeouts().firstByte()) >= 0) {
            error.accept(
                    path + "/attempt-timeout",
                    "`timeouts.first-byte` ends the exchange no later: `attempt-timeout` must be shorter");
        }
        if (upstream.attempts() == 1) {
            single(retry);
        }
        if (retry.hedgePercentile() > 0 && upstream.sticky() != null) {
            error.accept(
                    path + "/hedge-percentile",
                    "`sticky` keeps a client with one endpoint: a hedge would go to another");
        }
        if (retry.replayBytes() > retry.replayBytesTotal()) {
            error.accept(path + "/replay-bytes", "`replay-bytes` is above `replay-bytes-total`");
        }
    }

    private void single(RetrySpec retry) {
        String needs = " a second attempt, and `attempts` is 1";
        if (!retry.statuses().isEmpty()) {
            error.accept(path + "/statuses", "they ask for" + needs);
        }
        if (!retry.grpcStatuses().isEmpty()) {
            error.accept(path + "/grpc-statuses", "they ask for" + needs);
        }
        if (retry.attemptTimeout() != null) {
            error.accept(path + "/attempt-timeout", "it makes way for" + needs);
        }
        if (retry.hedgePercentile() > 0) {
            error.accept(path + "/hedge-percentile", "a hedge is" + needs);
        }
    }
}
