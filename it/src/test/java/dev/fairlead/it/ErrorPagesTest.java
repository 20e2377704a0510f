package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Error pages and header rules of a whole listener: what clients see of them, whoever gives the answer.
class ErrorPagesTest {
    private static final int PORT = Repository.freePort();
    private static ScriptedBackend backend;
    private static ScriptedBackend early;
    private static Fairlead fairlead;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.answering(request -> answer(request.target()));
        early = ScriptedBackend.playing(connection -> {
            connection.in().read();
            connection.send(answer("/500"));
            connection.awaitEnd();
        });
        Path page = Files.writeString(directory.resolve("sorry.html"), "<p>{status} {request-id} {other}");
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%1$d"
                    request-headers: {set: {X-From: listener, X-Zone: "{route}"}, remove: [X-Secret]}
                    response-headers: {set: {X-All: "{host}", X-Who: listener}, add: {X-Seen: all}}
                    error-pages:
                      - {status: [404, 502-504], file: "%2$s"}
                      - {status: 500-599, body: "<b>ours</b>", content-type: text/html, intercept: true}
                      - {status: 400, body: "no {request-id}."}
                    routes:
                      - {match: {path-prefix: /app}, upstream: app}
                      - name: own
                        match: {path-prefix: /own}
                        upstream: app
                        request-headers: {set: {X-From: route}}
                        response-headers: {set: {X-Who: route}}
                        error-pages: [{status: 500, body: "the route's", intercept: true}]
                      - {match: {path-prefix: /early}, upstream: early}
                      - {match: {path: /gone}, upstream: gone}
                      - match: {path: /bare}
                        respond: {status: 404, headers: {Retry-After: "60", X-Route: "{route}", X-Who: respond}}
                      - {match: {path: /said}, respond: {status: 404, body: own}}
                      - {match: {path: /fine}, respond: {body: fine}}
                upstreams:
                  app: {endpoints: ["%3$s"]}
                  early: {endpoints: ["%4$s"]}
                  gone: {endpoints: ["127.0.0.1:1"]}
                """.formatted(PORT, page, backend.address(), early.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            backend.close();
            early.close();
        }
    }

    private static String answer(String target) {
        String fields = "Set-Cookie: a=b\r\nETag: \"x\"\r\nContent-Type: text/x\r\nContent-Encoding: gzip\r\n";
        return switch (target.substring(target.lastIndexOf('/') + 1)) {
            case "500" -> "HTTP/1.1 500 Oh\r\n" + fields + "Content-Length: 6\r\n\r\ntheirs";
            case "501" -> "HTTP/1.1 501 No\r\n" + fields + "Transfer-Encoding: chunked\r\n\r\n6\r\ntheirs\r\n0\r\n\r\n";
            case "502" -> "HTTP/1.1 502 Oh\r\nContent-Length: 0\r\n\r\n";
            case "404" -> "HTTP/1.1 404 No\r\n" + fields + "Content-Length: 6\r\n\r\ntheirs";
            default -> ScriptedBackend.ok("well");
        };
    }

    @Test
    void showsAFileForWhatFairleadAnswers() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message lost = wire.get("/nowhere");
            assertThat(lost.status()).isEqualTo(404);
            assertThat(lost.text()).matches("<p>404 [0-9a-f]{32} \\{other}");
            assertThat(lost.first("Content-Type")).contains("text/html; charset=utf-8");
            assertThat(lost.first("Proxy-Status"))
                    .contains("fairlead; error=destination_not_found; " + "details=\"no route takes the request\"");

            Message gone = wire.get("/gone");
            assertThat(gone.status()).isEqualTo(502);
            assertThat(gone.text()).startsWith("<p>502 ");

            Message head =
                    wire.send("HEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").responseToHead();
            assertThat(head.first("Content-Length"))
                    .contains(Integer.toString(lost.text().length()));
            assertThat(wire.get("/fine").text()).isEqualTo("fine");
        }
    }

    @Test
    void takesThePlaceOfWhatEndpointsSayWhereAsked() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            for (String status : new String[] {"500", "501", "502", "500"}) {
                Message answer = wire.get("/app/" + status);
                assertThat(answer.status()).isEqualTo(Integer.parseInt(status));
                assertThat(answer.text()).isEqualTo("<b>ours</b>");
                assertThat(answer.all("Content-Type")).containsExactly("text/html");
                assertThat(answer.all("Content-Length")).containsExactly("11");
                assertThat(answer.first("ETag")).isEmpty();
                assertThat(answer.first("Content-Encoding")).isEmpty();
                assertThat(answer.first("Proxy-Status"))
                        .as("it is the endpoint's")
                        .isEmpty();
            }
            assertThat(wire.get("/app/500").first("Set-Cookie")).contains("a=b");
            assertThat(wire.get("/app/404").text()).as("not asked for").isEqualTo("theirs");
            assertThat(wire.get("/own/500").text()).isEqualTo("the route's");
            assertThat(wire.get("/own/501").text()).isEqualTo("<b>ours</b>");
            Message head =
                    wire.send("HEAD /app/502 HTTP/1.1\r\nHost: a\r\n\r\n").responseToHead();
            assertThat(head.all("Content-Length")).containsExactly("11");
            assertThat(wire.get("/app/200").text()).isEqualTo("well");
        }
    }

    @Test
    void keepsTheEndpointsConnectionOverAPage() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            wire.get("/app/200");
            int before = backend.accepted();
            for (int i = 0; i < 20; i++) {
                assertThat(wire.get("/app/500").status()).isEqualTo(500);
            }
            assertThat(backend.accepted()).isLessThan(before + 20);
        }
    }

    @Test
    void showsAPageWhenTheEndpointAnswersAnUploadBeforeItIsWhole() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.send("POST /early/500 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabcd")
                    .response();
            assertThat(answer.text()).isEqualTo("<b>ours</b>");
            assertThat(answer.first("Connection")).contains("close");
        }
    }

    @Test
    void putsNothingOfAClientIntoAPageForAHeadThatCannotBeRead() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.send("GET /../ HTTP/1.1\r\nHost: a\r\nX-Request-Id: <script>\r\n\r\n")
                    .response();
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).isEqualTo("no .");
            assertThat(answer.first("X-Who")).contains("listener");
        }
    }

    @Test
    void leavesARespondItsBodyAndGivesOneToThoseWithout() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message bare = wire.get("/bare");
            assertThat(bare.text()).startsWith("<p>404 ");
            assertThat(bare.first("Retry-After")).contains("60");
            assertThat(bare.first("X-Route")).contains("web/5");
            assertThat(bare.all("X-Who")).as("rules come after").containsExactly("listener");
            assertThat(wire.get("/said").text()).isEqualTo("own");
        }
    }

    @Test
    void appliesTheListenersRulesAndThenTheRoutes() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            backend.forgetRequests();
            Message answer = wire.send("GET /own/x HTTP/1.1\r\nHost: shop\r\nX-Secret: s\r\nX-From: client\r\n\r\n")
                    .response();
            Message seen = backend.requests().getFirst();
            assertThat(seen.all("X-From")).containsExactly("route");
            assertThat(seen.all("X-Zone")).containsExactly("own");
            assertThat(seen.first("X-Secret")).isEmpty();
            assertThat(answer.all("X-Who")).containsExactly("route");
            assertThat(answer.all("X-All")).containsExactly("shop");
            assertThat(answer.all("X-Seen")).containsExactly("all");

            assertThat(wire.get("/app/200").all("X-Who")).containsExactly("listener");
            assertThat(wire.get("/nowhere").all("X-Seen")).containsExactly("all");
            assertThat(wire.send("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n")
                            .response()
                            .all("X-Who"))
                    .containsExactly("listener");
        }
    }
}
