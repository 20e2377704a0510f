package dev.fairlead.acme;

import dev.fairlead.config.AcmeCertificateSpec;
import dev.fairlead.config.AcmeSpec;
import dev.fairlead.config.AcmeSpec.Challenge;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.PollableResource;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.challenge.TokenChallenge;
import org.shredzone.acme4j.connector.Resource;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One order of one certificate, from the first word to the text of its file (RFC 8555 §7.4). The one who holds the
/// lease makes it.
final class Ordering {
    private static final Logger LOG = LoggerFactory.getLogger(Ordering.class);

    /// Until every node has seen a proof that was put into the store.
    private static final Duration KNOWN_TO_ALL = Proofs.LOOK.multipliedBy(2).plusMillis(500);

    /// How long the authority may take to look, and to sign.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// How often it is asked, if it does not say.
    private static final Duration POLL = Duration.ofSeconds(1);

    private static final Duration POLL_MAX = Duration.ofSeconds(20);

    private final AcmeSpec spec;
    private final AcmeCertificateSpec wanted;
    private final Proofs proofs;
    private final Lease lease;

    Ordering(AcmeSpec spec, AcmeCertificateSpec wanted, Proofs proofs, Lease lease) {
        this.spec = spec;
        this.wanted = wanted;
        this.proofs = proofs;
        this.lease = lease;
    }

    /// `replaced` is the certificate that the new one takes the place of; null: none.
    byte[] run(Login login, @Nullable X509Certificate replaced)
            throws AcmeException, IOException, Refusal, InterruptedException {
        Order order = create(login, replaced);
        prove(order);
        if (order.getStatus() != Status.VALID) {
            await(order, Status.READY, null);
        }
        KeyPair key = KeyFile.generate();
        order.execute(key);
        await(order, Status.VALID, null);
        List<X509Certificate> chain = order.getCertificate().getCertificateChain();
        if (!chain.getFirst().getPublicKey().equals(key.getPublic())) {
            throw new Refusal("the authority has signed another key than it was given");
        }
        new Issued(chain).check(wanted.names(), Instant.now());
        try {
            return KeyFile.text(chain, key.getPrivate());
        } catch (CertificateEncodingException broken) {
            throw new Refusal("the certificate that the authority has given is broken");
        }
    }

    private Order create(Login login, @Nullable X509Certificate replaced) throws AcmeException {
        boolean tells = replaced != null
                && login.getSession().resourceUrlOptional(Resource.RENEWAL_INFO).isPresent();
        if (tells && replaced != null) {
            try {
                return order(login).replaces(replaced).create();
            } catch (AcmeRateLimitedException limited) {
                throw limited;
            } catch (AcmeServerException | IllegalArgumentException notItsOwn) {
                // RFC 9773 §5: that it replaces another helps the authority; it is no reason to go without.
                LOG.atDebug()
                        .addKeyValue("certificate", wanted.name())
                        .addKeyValue("reason", notItsOwn.getMessage())
                        .log("the authority does not know the certificate that is to be replaced");
            }
        }
        return order(login).create();
    }

    private OrderBuilder order(Login login) {
        OrderBuilder order = login.newOrder().domains(wanted.names());
        return spec.profile() == null ? order : order.profile(spec.profile());
    }

    private void prove(Order order) throws AcmeException, IOException, Refusal, InterruptedException {
        List<Authorization> open = new ArrayList<>();
        List<TokenChallenge> challenges = new ArrayList<>();
        List<Proof> shown = new ArrayList<>();
        try {
            for (Authorization each : order.getAuthorizations()) {
                if (each.getStatus() != Status.VALID) {
                    TokenChallenge challenge = challenge(each);
                    Proof proof = proof(challenge, each.getIdentifier().getDomain());
                    shown.add(proof);
                    proofs.put(proof);
                    open.add(each);
                    challenges.add(challenge);
                }
            }
            if (open.isEmpty()) {
                return;
            }
            Thread.sleep(KNOWN_TO_ALL);
            for (TokenChallenge each : challenges) {
                each.trigger();
            }
            for (int i = 0; i < open.size(); i++) {
                await(open.get(i), Status.VALID, challenges.get(i));
            }
        } finally {
            for (Proof each : shown) {
                proofs.remove(each);
            }
        }
    }

    private TokenChallenge challenge(Authorization authorization) throws Refusal {
        Class<? extends TokenChallenge> type = switch (spec.challenge()) {
            case HTTP_01 -> Http01Challenge.class;
            case TLS_ALPN_01 -> TlsAlpn01Challenge.class;
        };
        String host = authorization.getIdentifier().getDomain();
        Optional<? extends TokenChallenge> found = authorization.findChallenge(type);
        if (found.isEmpty()) {
            throw new Refusal("the authority does not offer the challenge for " + host);
        }
        return found.get();
    }

    private static Proof proof(TokenChallenge challenge, String host) throws Refusal {
        Instant until = Instant.now().plus(Proofs.AGE_MAX);
        try {
            return switch (challenge) {
                case Http01Challenge http ->
                    new Proof(Challenge.HTTP_01, host, http.getToken(), http.getAuthorization(), until);
                case TlsAlpn01Challenge tls -> {
                    // Its token is no secret, but acme4j shows it only within the authorization: `token.thumbprint`.
                    String token = tls.getAuthorization()
                            .substring(0, tls.getAuthorization().indexOf('.'));
                    String digest = HexFormat.of().formatHex(tls.getAcmeValidation());
                    yield new Proof(Challenge.TLS_ALPN_01, host, token, digest, until);
                }
                default -> throw new Refusal("a challenge of another kind: " + challenge.getType());
            };
        } catch (IllegalArgumentException malformed) {
            throw new Refusal("the authority has given a token that is none");
        }
    }

    /// Asks until it is so. Says each time that this node still lives.
    private void await(PollableResource resource, Status wished, @Nullable TokenChallenge challenge)
            throws AcmeException, IOException, Refusal, InterruptedException {
        Instant patience = Instant.now().plus(PATIENCE);
        while (resource.getStatus() != wished) {
            if (resource.getStatus() == Status.INVALID) {
                throw new Refusal(why(resource, challenge));
            }
            if (Instant.now().isAfter(patience)) {
                throw new Refusal("the authority has not come to an end within " + PATIENCE.toMinutes() + " minutes");
            }
            if (!lease.renew()) {
                throw new Refusal("this node was too slow, and another may order");
            }
            Instant next = resource.fetch().orElse(Instant.now().plus(POLL));
            if (resource.getStatus() != wished) {
                Thread.sleep(between(Duration.between(Instant.now(), next)));
            }
        }
    }

    private static Duration between(Duration asked) {
        if (asked.compareTo(POLL) < 0) {
            return POLL;
        }
        return asked.compareTo(POLL_MAX) > 0 ? POLL_MAX : asked;
    }

    private static String why(PollableResource resource, @Nullable TokenChallenge challenge) throws AcmeException {
        if (challenge != null) {
            challenge.fetch();
            return challenge.getError().map(Refusal::reason).orElse("the authority has not seen the proof");
        }
        Optional<Problem> now = resource instanceof Order order ? order.getError() : Optional.empty();
        return now.map(Refusal::reason).orElse("the authority has refused the order");
    }
}
