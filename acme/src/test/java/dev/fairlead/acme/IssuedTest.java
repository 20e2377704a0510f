package dev.fairlead.acme;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.shredzone.acme4j.util.CSRBuilder;
import org.shredzone.acme4j.util.CertificateUtils;
import org.shredzone.acme4j.util.KeyPairUtils;

final class IssuedTest {
    private static final Instant BEGIN = Instant.parse("2027-01-01T00:00:00Z");
    private static final Instant END = BEGIN.plus(Duration.ofDays(90));
    private static final List<String> NAMES = List.of("app.example", "www.example");

    private final KeyPair authority = KeyPairUtils.createKeyPair(2048);
    private final X509Certificate root =
            CertificateUtils.createTestRootCertificate("CN=authority", BEGIN, END, authority);

    private X509Certificate of(List<String> names) throws IOException {
        CSRBuilder request = new CSRBuilder();
        request.addDomains(names);
        request.sign(KeyFile.generate());
        return CertificateUtils.createTestCertificate(request.getCSR(), BEGIN, END, root, authority.getPrivate());
    }

    @Test
    void takesWhatItAskedFor() throws IOException {
        Issued issued = new Issued(List.of(of(NAMES), root));
        assertThatCode(() -> issued.check(NAMES, BEGIN.plusSeconds(60))).doesNotThrowAnyException();
    }

    @Test
    void refusesOneThatLacksAName() throws IOException {
        Issued issued = new Issued(List.of(of(List.of("app.example")), root));
        assertThatThrownBy(() -> issued.check(NAMES, BEGIN))
                .isInstanceOf(Refusal.class)
                .hasMessageEndingWith("is not for www.example");
    }

    @Test
    void refusesAChainThatNobodyWouldBelieve() throws IOException {
        Issued issued = new Issued(List.of(of(NAMES), of(NAMES)));
        assertThatThrownBy(() -> issued.check(NAMES, BEGIN))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("certificate 1 of the chain");
    }

    @Test
    void refusesOneThatAClockFarAheadWouldRenewAtOnce() throws IOException {
        Issued issued = new Issued(List.of(of(NAMES), root));
        assertThatThrownBy(() -> issued.check(NAMES, BEGIN.plus(Duration.ofDays(70))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("is the clock right");
    }
}
