package dev.fairlead.acme;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.RenewalInfo;
import org.shredzone.acme4j.connector.Resource;
import org.shredzone.acme4j.exception.AcmeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When the authority would like the certificate to be renewed (RFC 9773). `next` is when to ask again. An authority
/// that does not say, or cannot be asked, is as good as one that has no wish.
record Suggestion(
        X509Certificate of,
        @Nullable Instant start,
        @Nullable Instant end,
        Instant next) {
    private static final Logger LOG = LoggerFactory.getLogger(Suggestion.class);

    /// RFC 9773 §4.3: six hours where it does not say, and never less than a minute nor more than a day.
    private static final Duration ASK = Duration.ofHours(6);

    private static final Duration ASK_MIN = Duration.ofMinutes(1);
    private static final Duration ASK_MAX = Duration.ofDays(1);

    /// After an answer that was none.
    private static final Duration ASK_AFTER_FAILURE = Duration.ofHours(1);

    /// Waits for the network.
    static Suggestion ask(Visit visit, X509Certificate certificate, Instant now) throws InterruptedException {
        try {
            if (visit.session().resourceUrlOptional(Resource.RENEWAL_INFO).isEmpty()) {
                return new Suggestion(certificate, null, null, now.plus(ASK_MAX));
            }
            RenewalInfo info = visit.anonymous().bindRenewalInfo(certificate);
            Optional<Instant> again = info.fetch();
            Instant start = info.getSuggestedWindowStart();
            Instant end = info.getSuggestedWindowEnd();
            Duration pause =
                    again.map(instant -> Duration.between(now, instant)).orElse(ASK);
            if (!start.isBefore(end)) {
                throw new IllegalArgumentException("a window that ends before it begins");
            }
            return new Suggestion(certificate, start, end, now.plus(within(pause)));
        } catch (AcmeException | RuntimeException | IOException unknown) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LOG.atInfo()
                    .addKeyValue("reason", Refusal.of(unknown).getMessage())
                    .log("no renewal information: renewed by the certificate's lifetime");
            return new Suggestion(certificate, null, null, now.plus(ASK_AFTER_FAILURE));
        }
    }

    private static Duration within(Duration pause) {
        if (pause.compareTo(ASK_MIN) < 0) {
            return ASK_MIN;
        }
        return pause.compareTo(ASK_MAX) > 0 ? ASK_MAX : pause;
    }

    /// When to renew by it, or by the lifetime where there is no wish.
    Instant due(double draw) {
        return start != null && end != null
                ? Plan.inWindow(start, end, draw)
                : Plan.byLifetime(
                        of.getNotBefore().toInstant(), of.getNotAfter().toInstant(), draw);
    }
}
