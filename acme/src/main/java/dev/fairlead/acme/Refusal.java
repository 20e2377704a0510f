package dev.fairlead.acme;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;

/// Why an order came to nothing, in words for a person. `notBefore` is the authority's own word on when to come again.
final class Refusal extends Exception {
    private final transient @Nullable Instant notBefore;

    Refusal(String reason) {
        super(reason);
        this.notBefore = null;
    }

    private Refusal(Exception cause, @Nullable Instant notBefore) {
        super(reason(cause), cause);
        this.notBefore = notBefore;
    }

    static Refusal of(Exception cause) {
        return cause instanceof Refusal refusal
                ? refusal
                : new Refusal(
                        cause,
                        cause instanceof AcmeRateLimitedException limited
                                ? limited.getRetryAfter().orElse(null)
                                : null);
    }

    @Nullable
    Instant notBefore() {
        return notBefore;
    }

    static String reason(Problem problem) {
        return problem.getDetail().orElseGet(problem::toString);
    }

    private static String reason(Exception cause) {
        if (cause instanceof AcmeServerException told) {
            return told.getType() + ": " + reason(told.getProblem());
        }
        Throwable root = cause;
        // Chains of causes can be circular.
        for (int depth = 0; root.getCause() != null && depth < 8; depth++) {
            root = root.getCause();
        }
        String said = root.getMessage();
        return said == null ? root.getClass().getSimpleName() : said;
    }
}
