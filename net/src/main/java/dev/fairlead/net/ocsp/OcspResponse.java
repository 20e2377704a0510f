package dev.fairlead.net.ocsp;

import dev.fairlead.config.pem.Der;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a responder has said of a certificate: that it was good at `thisUpdate`, and is until `nextUpdate`. Do not
/// write to the bytes.
record OcspResponse(byte[] bytes, Instant thisUpdate, Instant nextUpdate) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

    /// The answer cannot be believed, or says something else than that the certificate is good.
    static final class Refused extends Exception {
        private final @Nullable Instant revoked;

        private Refused(String why, @Nullable Instant revoked, @Nullable Throwable cause) {
            super(why, cause);
            this.revoked = revoked;
        }

        /// The `thisUpdate` of an answer that can be believed, and says that the certificate is revoked; null: it is
        /// another.
        @Nullable
        Instant revoked() {
            return revoked;
        }
    }

    /// Reads an answer and looks whether it is one to the question: signed by the issuer or by whom it has
    /// appointed, of this very certificate, good, and of now. Computes signatures: not for loops.
    static OcspResponse read(byte[] bytes, OcspQuestion question) throws Refused {
        try {
            validate(bytes, question);
            Der times = times(bytes, question);
            Instant thisUpdate = time(times);
            if (!times.isNext(Der.tagged(0))) {
                throw new Refused("the answer does not say until when it is good", null, null);
            }
            return new OcspResponse(bytes, thisUpdate, time(times.enter(Der.tagged(0))));
        } catch (RuntimeException malformed) {
            // Nor has the JDK one exception for what is no DER.
            throw new Refused("the answer is no OCSP response", null, malformed);
        }
    }

    /// The JDK knows how an answer is looked at, and does the same for its own clients.
    private static void validate(byte[] bytes, OcspQuestion question) throws Refused {
        try {
            CertPathValidator validator = CertPathValidator.getInstance("PKIX");
            PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(EnumSet.of(Option.NO_FALLBACK, Option.ONLY_END_ENTITY));
            checker.setOcspResponses(Map.of(question.certificate(), bytes));
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(question.issuer(), null)));
            parameters.setRevocationEnabled(false);
            parameters.addCertPathChecker(checker);
            CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(question.certificate()));
            validator.validate(path, parameters);
        } catch (CertPathValidatorException refused) {
            Instant revoked = refused.getReason() == BasicReason.REVOKED ? time(times(bytes, question)) : null;
            throw new Refused(String.valueOf(refused.getMessage()), revoked, refused);
        } catch (GeneralSecurityException refused) {
            throw new Refused(String.valueOf(refused.getMessage()), null, refused);
        }
    }

    /// When it was so, and until when (RFC 6960 §4.2.1). The answer was believed before.
    private static Der times(byte[] bytes, OcspQuestion question) throws Refused {
        Der basic = Der.of(Der.of(bytes)
                .enter(Der.SEQUENCE)
                .skip()
                .enter(Der.tagged(0))
                .enter(Der.SEQUENCE)
                .skip()
                .content(Der.OCTETS));
        Der data = basic.enter(Der.SEQUENCE).enter(Der.SEQUENCE);
        if (data.isNext(Der.tagged(0))) {
            data.skip();
        }
        Der answers = data.skip().skip().enter(Der.SEQUENCE);
        while (answers.hasNext()) {
            Der answer = answers.enter(Der.SEQUENCE);
            if (!question.isOf(answer.enter(Der.SEQUENCE))) {
                continue;
            }
            return answer.skip();
        }
        throw new Refused("the answer is about another certificate", null, null);
    }

    private static Instant time(Der next) {
        String text = new String(next.content(Der.TIME), StandardCharsets.US_ASCII);
        return LocalDateTime.parse(text, TIME).toInstant(ZoneOffset.UTC);
    }
}
