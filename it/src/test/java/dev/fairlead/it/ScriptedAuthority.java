package dev.fairlead.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Date;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.shredzone.acme4j.util.KeyPairUtils;

/// An ACME server that does what a test says: for what pebble does not have. It believes every name at once, so no
/// listener is asked; it holds to nonces (RFC 8555 §6.5).
final class ScriptedAuthority implements AutoCloseable {
    /// An answer to an order that is none: an error of RFC 8555 §6.7, and what `Retry-After` says.
    record Refused(int status, String type, String retryAfter) {}

    /// An order that came: what it said, and when, on this machine's steady clock.
    record Ordered(String payload, long nanos) {}

    private final HttpsServer server;
    private final Certificate own;
    private final KeyPair key = KeyPairUtils.createKeyPair(2048);
    private final Set<String> nonces = new HashSet<>();
    private final List<Ordered> orders = new CopyOnWriteArrayList<>();
    private final Map<Integer, String> issued = new ConcurrentHashMap<>();
    private final Deque<Refused> refusals = new ArrayDeque<>();
    private final IntFunction<Instant> windows;
    private int lastNonce;
    private int certificates;

    /// `windows` gives the begin of the window, a minute long, that is suggested for each certificate, from 1 on.
    ScriptedAuthority(Path folder, IntFunction<Instant> windows, Refused... refusals) throws Exception {
        this.windows = windows;
        this.refusals.addAll(List.of(refusals));
        this.own = Certificate.of(folder, "localhost");
        this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(folder)));
        server.createContext("/", this::handle);
        server.setExecutor(
                Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
        server.start();
    }

    private SSLContext context(Path folder) throws Exception {
        Path file = folder.resolve("localhost.p12");
        Child.Result made = Child.run(
                folder,
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                own.file().toString(),
                "-inkey",
                own.key().toString(),
                "-passout",
                "pass:password",
                "-out",
                file.toString());
        if (made.status() != 0) {
            throw new IOException("openssl: " + made.errors());
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Files.readAllBytes(file)), "password".toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "password".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    String directory() {
        return url("directory");
    }

    Path ca() {
        return own.file();
    }

    List<Ordered> orders() {
        return orders;
    }

    private String url(String path) {
        return "https://localhost:" + server.getAddress().getPort() + "/" + path;
    }

    private synchronized String nonce() {
        String next = "nonce" + ++lastNonce;
        nonces.add(next);
        return next;
    }

    private synchronized boolean isGood(String nonce) {
        return nonces.remove(nonce);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().substring(1);
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
            boolean isPost = exchange.getRequestMethod().equals("POST");
            if (isPost && !isGood(field(decoded(body, "protected"), "nonce"))) {
                refuse(exchange, new Refused(400, "badNonce", null));
                return;
            }
            String payload = isPost ? decoded(body, "payload") : "";
            switch (path) {
                case "directory" -> json(exchange, 200, directoryText());
                case "nonce" -> answer(exchange, 200, "text/plain", new byte[0]);
                case "account" -> {
                    exchange.getResponseHeaders().add("Location", url("account/1"));
                    json(exchange, 201, "{\"status\": \"valid\"}");
                }
                case "order" -> order(exchange, payload);
                case "authorization" ->
                    json(
                            exchange,
                            200,
                            "{\"status\": \"valid\", \"identifier\": {\"type\": \"dns\", \"value\": \"app.example\"}, \"challenges\": []}");
                default -> more(exchange, path, payload);
            }
        } catch (Exception broken) {
            throw new IOException(broken);
        }
    }

    private void more(HttpExchange exchange, String path, String payload) throws Exception {
        if (path.startsWith("finalize/")) {
            issue(Integer.parseInt(path.substring(9)), payload);
            json(exchange, 200, orderText(path.substring(9), "valid"));
        } else if (path.startsWith("order/")) {
            String number = path.substring(6);
            json(exchange, 200, orderText(number, issued.containsKey(Integer.valueOf(number)) ? "valid" : "ready"));
        } else if (path.startsWith("certificate/")) {
            String pem = issued.get(Integer.valueOf(path.substring(12)));
            answer(exchange, 200, "application/pem-certificate-chain", pem.getBytes(StandardCharsets.US_ASCII));
        } else if (path.startsWith("renewal/")) {
            // RFC 9773 §4.1: key identifier of the authority, a dot, the serial number.
            byte[] serial = Base64.getUrlDecoder().decode(path.substring(path.indexOf('.') + 1));
            Instant start = windows.apply(new BigInteger(serial).intValue());
            exchange.getResponseHeaders().add("Retry-After", "21600");
            json(
                    exchange,
                    200,
                    "{\"suggestedWindow\": {\"start\": \"%s\", \"end\": \"%s\"}}"
                            .formatted(start, start.plusSeconds(60)));
        } else {
            answer(exchange, 404, "text/plain", new byte[0]);
        }
    }

    private String directoryText() {
        return """
                {"newNonce": "%s", "newAccount": "%s", "newOrder": "%s", "renewalInfo": "%s",
                 "meta": {"profiles": {"classic": "x", "shortlived": "y"}}}
                """.formatted(url("nonce"), url("account"), url("order"), url("renewal"));
    }

    private void order(HttpExchange exchange, String payload) throws IOException {
        orders.add(new Ordered(payload, System.nanoTime()));
        Refused refused = refusals.poll();
        if (refused != null) {
            refuse(exchange, refused);
            return;
        }
        exchange.getResponseHeaders().add("Location", url("order/" + orders.size()));
        json(exchange, 201, orderText(Integer.toString(orders.size()), "ready"));
    }

    private String orderText(String number, String status) {
        return """
                {"status": "%s", "identifiers": [{"type": "dns", "value": "app.example"}], "authorizations": ["%s"],
                 "finalize": "%s", "certificate": "%s"}
                """.formatted(status, url("authorization"), url("finalize/" + number), url("certificate/" + number));
    }

    private synchronized void issue(int order, String payload) throws Exception {
        var request = new JcaPKCS10CertificationRequest(Base64.getUrlDecoder().decode(field(payload, "csr")));
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=scripted"),
                BigInteger.valueOf(++certificates),
                Date.from(now.minusSeconds(60)),
                Date.from(now.plus(Duration.ofDays(90))),
                new X500Name("CN=app.example"),
                request.getPublicKey());
        var asked = (Extensions)
                Extensions.getInstance(request.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)[0]
                        .getAttrValues()
                        .getObjectAt(0));
        builder.addExtension(asked.getExtension(Extension.subjectAlternativeName));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(key.getPublic()));
        byte[] encoded = builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(key.getPrivate()))
                .getEncoded();
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        issued.put(
                order,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }

    private void refuse(HttpExchange exchange, Refused refused) throws IOException {
        if (refused.retryAfter() != null) {
            exchange.getResponseHeaders().add("Retry-After", refused.retryAfter());
        }
        String text = "{\"type\": \"urn:ietf:params:acme:error:%s\", \"detail\": \"scripted %s\"}"
                .formatted(refused.type(), refused.type());
        answer(exchange, refused.status(), "application/problem+json", text.getBytes(StandardCharsets.US_ASCII));
    }

    private void json(HttpExchange exchange, int status, String text) throws IOException {
        answer(exchange, status, "application/json", text.getBytes(StandardCharsets.US_ASCII));
    }

    private void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.getResponseHeaders().add("Replay-Nonce", nonce());
        boolean isBodiless = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
        exchange.sendResponseHeaders(status, isBodiless ? -1 : body.length);
        if (!isBodiless) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    private static String decoded(String jws, String part) {
        return new String(Base64.getUrlDecoder().decode(field(jws, part)), StandardCharsets.US_ASCII);
    }

    private static String field(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\" *: *\"([^\"]*)\"").matcher(json);
        return matcher.find() ? matcher.group(1) : "";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
