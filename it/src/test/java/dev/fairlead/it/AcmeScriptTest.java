package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.it.ScriptedAuthority.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an ACME authority may say that pebble does not.
@Timeout(180)
class AcmeScriptTest {
    private static final IntFunction<Instant> NEVER = _ -> Instant.now().plus(Duration.ofDays(60));

    @TempDir
    private Path folder;

    private Fairlead start(ScriptedAuthority authority, int port, String more) throws Exception {
        return Fairlead.start("""
                acme: {directory: "%s", terms-agreed: true, folder: %s, ca: %s, retry-pause: 1s%s}
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    routes: [{respond: {status: 200, body: served}}]
                    tls: {acme: app.example}
                """.formatted(authority.directory(), folder.resolve("acme"), authority.ca(), more, port));
    }

    private static void until(Fairlead fairlead, Callable<Boolean> holds) {
        try {
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(holds);
        } catch (RuntimeException late) {
            throw new AssertionError("it wrote:\n" + fairlead.log(), late);
        }
    }

    private static double orders(Fairlead fairlead, String result) {
        return fairlead.metric("fairlead_acme_orders_total", "result=\"" + result + "\"");
    }

    private static String page(int port) throws Exception {
        return Curl.run("-k", "--resolve", "app.example:" + port + ":127.0.0.1", "https://app.example:" + port + "/")
                .text();
    }

    @Test
    void aCertificateIsRenewedWhenTheAuthoritySuggestsIt() throws Exception {
        int port = Repository.freePort();
        Instant past = Instant.now().minus(Duration.ofDays(1));
        try (ScriptedAuthority authority =
                        new ScriptedAuthority(folder, number -> number == 1 ? past : NEVER.apply(number));
                Fairlead fairlead = start(authority, port, "")) {
            until(fairlead, () -> orders(fairlead, "issued") == 2);
            until(
                    fairlead,
                    () -> fairlead.metric("fairlead_acme_next_timestamp_seconds")
                            > (System.currentTimeMillis() / 1e3)
                                    + Duration.ofDays(59).toSeconds());

            assertThat(authority.orders()).hasSize(2);
            assertThat(authority.orders().get(0).payload()).doesNotContain("replaces");
            // RFC 9773 §4.1: key identifier of the authority, a dot, the serial number: the first had 1.
            assertThat(authority.orders().get(1).payload()).containsPattern("\"replaces\":\"[A-Za-z0-9_-]+\\.AQ\"");
            until(fairlead, () -> page(port).equals("served"));
        }
    }

    @Test
    void theProfileIsAskedFor() throws Exception {
        int port = Repository.freePort();
        try (ScriptedAuthority authority = new ScriptedAuthority(folder, NEVER);
                Fairlead fairlead = start(authority, port, ", profile: shortlived")) {
            until(fairlead, () -> orders(fairlead, "issued") == 1);
            assertThat(authority.orders().getFirst().payload()).contains("\"profile\":\"shortlived\"");
        }
    }

    @Test
    void aProfileThatIsNotOfferedIsTold() throws Exception {
        int port = Repository.freePort();
        try (ScriptedAuthority authority = new ScriptedAuthority(folder, NEVER);
                Fairlead fairlead = start(authority, port, ", profile: eternal")) {
            until(fairlead, () -> orders(fairlead, "failed") > 0);
            until(fairlead, () -> fairlead.log().contains("profile: eternal"));
            assertThat(authority.orders()).isEmpty();
        }
    }

    @Test
    void anAuthorityThatHasEnoughIsLeftAlone() throws Exception {
        int port = Repository.freePort();
        try (ScriptedAuthority authority = new ScriptedAuthority(folder, NEVER, new Refused(429, "rateLimited", "8"));
                Fairlead fairlead = start(authority, port, "")) {
            until(fairlead, () -> orders(fairlead, "issued") == 1);

            assertThat(orders(fairlead, "failed")).isEqualTo(1);
            assertThat(fairlead.log()).contains("rateLimited", "scripted rateLimited");
            // `Retry-After` counts from the whole second before.
            assertThat(authority.orders()).hasSize(2);
            assertThat(Duration.ofNanos(authority.orders().get(1).nanos()
                            - authority.orders().get(0).nanos()))
                    .isGreaterThan(Duration.ofSeconds(6));
        }
    }

    @Test
    void aBadNonceIsNoFailure() throws Exception {
        int port = Repository.freePort();
        var bad = new Refused(400, "badNonce", null);
        try (ScriptedAuthority authority = new ScriptedAuthority(folder, NEVER, bad, bad, bad);
                Fairlead fairlead = start(authority, port, "")) {
            until(fairlead, () -> orders(fairlead, "issued") == 1);
            assertThat(orders(fairlead, "failed")).isZero();
            assertThat(authority.orders()).hasSize(4);
        }
    }

    @Test
    void theOldCertificateStaysInUseWhenItCannotBeRenewed() throws Exception {
        int port = Repository.freePort();
        Instant past = Instant.now().minus(Duration.ofDays(1));
        var down = new Refused(503, "serverInternal", null);
        Path file = folder.resolve("acme/certificates/app.example.pem");
        try (ScriptedAuthority first = new ScriptedAuthority(Files.createDirectory(folder.resolve("first")), NEVER);
                Fairlead fairlead = start(first, port, "")) {
            until(fairlead, () -> orders(fairlead, "issued") == 1);
            until(fairlead, () -> page(port).equals("served"));
        }
        String before = Files.readString(file);
        // The authority takes each of three tries for one too many, with and without what is replaced.
        try (ScriptedAuthority second = new ScriptedAuthority(
                        Files.createDirectory(folder.resolve("second")),
                        _ -> past,
                        down,
                        down,
                        down,
                        down,
                        down,
                        down);
                Fairlead fairlead = start(second, port, "")) {
            until(fairlead, () -> orders(fairlead, "failed") >= 2);

            assertThat(page(port)).isEqualTo("served");
            assertThat(Files.readString(file)).isEqualTo(before);
            assertThat(fairlead.log()).contains("what there is stays in use");
        }
    }
}
