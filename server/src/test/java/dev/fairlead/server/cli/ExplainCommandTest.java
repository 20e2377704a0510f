package dev.fairlead.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `fairlead explain --config`: a file that does not run.
class ExplainCommandTest {
    private static final String CONFIG = """
            listeners:
              web:
                protocol: http
                address: "127.0.0.1:8080"
                routes:
                  - {name: old, match: {host: "*.shop.test"}, redirect: {scheme: https, host: shop.test, status: 308}}
                  - {name: users, match: {host: shop.test, path-prefix: /users, method: POST}, upstream: app}
                  - name: media
                    match: {host: shop.test, path-prefix: /users, accept: "video/*"}
                    upstream: media
                    rewrite: {prefix: /files}
                    request-headers: {set: {X-By: "{route} {client}"}, remove: [Cookie]}
                    response-headers: {set: {X-Route: "{route}"}}
                  - name: home
                    match: {host: shop.test, path: /}
                    split: [{upstream: app, weight: 3}, {upstream: media, weight: 1}]
                    body-bytes: 10B
              other: {protocol: http, address: "127.0.0.1:8081", upstream: app}
            upstreams:
              app: {endpoints: ["127.0.0.1:1", "127.0.0.1:2"]}
              media: {endpoints: ["127.0.0.1:3", "127.0.0.1:4"], balancer: {algorithm: maglev, key: path}}
            """;

    private static final String FLOWS = """
            listeners:
              db: {protocol: tcp, address: "127.0.0.1:5432", upstream: db}
              turns: {protocol: tcp, address: "127.0.0.1:5433", upstream: turns}
              named: {protocol: udp, address: "127.0.0.1:53", upstream: named}
              linux: {protocol: tcp, address: "10.0.0.1:5432", upstream: db, carrier: ebpf}
              tables: {protocol: tcp, address: "10.0.0.2:5432", upstream: db, carrier: nft}
              any: {protocol: tcp, address: "10.0.0.3:30000-30099", upstream: kept, carrier: auto}
              closed: {protocol: tcp, address: "10.0.0.4:5432", upstream: db, clients: {allow: 10.0.0.0/8, deny: 10.9.0.0/16}}
              shut: {protocol: udp, address: "10.0.0.4:5433", upstream: db, clients: {deny: 10.9.0.0/16}}
              routed:
                protocol: tcp
                address: "127.0.0.1:443"
                routes:
                  - {name: inside, match: {client: 10.0.0.0/8}, upstream: turns}
                  - {name: shop, match: {sni: shop.test}, upstream: db}
            upstreams:
              db: {endpoints: ["10.1.0.7:1", "10.1.0.7:2", "10.1.0.7:3"], balancer: maglev}
              turns: {endpoints: ["127.0.0.1:4", {address: "127.0.0.1:5", backup: true}, "127.0.0.1:6"], probe: {protocol: tcp}}
              named: {endpoints: ["ns.test:53", "127.0.0.1:53"], balancer: maglev}
              kept: {endpoints: ["10.1.0.1:*", "10.1.0.2:*"], balancer: {algorithm: maglev, key: source-address-and-port}}
            """;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private String flow(int status, String... arguments) throws IOException {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        assertThat(explain(FLOWS, arguments)).isEqualTo(status);
        return out + err.toString();
    }

    @Test
    void aHashLeadsAFlowToOneEndpoint() throws IOException {
        String told = flow(0, "tcp://127.0.0.1:5432", "--from", "10.1.2.3:40000");

        assertThat(told)
                .contains("listener  db (tcp, socket)", "why       maglev: by the client's address")
                .containsPattern("endpoint  10.1.0.7:[123]\n")
                .contains("unknown   who has more than its share, which endpoints are down or drain");
        assertThat(flow(0, "tcp://10.0.0.1:5432", "--from", "10.1.2.3"))
                .contains("(tcp, ebpf)", " of 16381", "unknown   which endpoints are down or drain")
                .containsPattern("endpoint  10.1.0.7:[123]\n");
        assertThat(flow(0, "tcp://10.0.0.2:5432", "--from", "10.1.2.3"))
                .contains("(tcp, nft)", " of 1021")
                .containsPattern("endpoint  10.1.0.7:[123]\n");
    }

    @Test
    void whatOnlyTheRunningProcessKnowsIsSaid() throws IOException {
        assertThat(flow(0, "tcp://127.0.0.1:5433"))
                .contains("endpoint  any of 127.0.0.1:4, 127.0.0.1:6", "unknown   whose turn it is, which endpoints");
        assertThat(flow(0, "udp://127.0.0.1:53"))
                .contains("endpoint  any of ns.test:53, 127.0.0.1:53", "which endpoints DNS or a file names");
        assertThat(flow(0, "tcp://10.0.0.3:30050", "--from", "10.1.2.3:40000"))
                .contains("(tcp, ebpf or nft or socket)", "ebpf: maglev: slot", "nft: maglev: slot", "10.1.0.1:*");
        assertThat(flow(0, "tcp://127.0.0.1:443", "--from", "10.1.2.3"))
                .contains("upstream  turns", "which name the client asks for");
        assertThat(flow(0, "tcp://127.0.0.1:443", "--from", "192.0.2.1"))
                .contains("endpoint  none: no route takes it", "which name the client asks for");
        assertThat(flow(1, "tcp://127.0.0.1:1")).contains("no listener of Layer 4 is at");
    }

    @Test
    void whomTheListenerTurnsAwayGoesNowhere() throws IOException {
        assertThat(flow(0, "tcp://10.0.0.4:5432", "--from", "10.1.2.3")).containsPattern("endpoint  10.1.0.7:[123]\n");
        for (String[] each : new String[][] {
            {"tcp://10.0.0.4:5432", "10.9.2.3"},
            {"tcp://10.0.0.4:5432", "192.0.2.7"},
            {"udp://10.0.0.4:5433", "10.9.2.3"}
        }) {
            assertThat(flow(0, each[0], "--from", each[1]))
                    .contains("endpoint  none: `clients` turn it away")
                    .doesNotContain("10.1.0.7:");
        }
    }

    @Test
    void tellsWhyEachRouteDoesNotTakeIt() throws IOException {
        assertThat(explain("http://shop.test:8080/users/7", "-H", "Accept: video/mp4;q=0.8"))
                .isZero();

        assertThat(out.toString())
                .contains("listener  web", "route     media", "not host *.shop.test", "not method POST", "takes it");
    }

    @Test
    void showsWhatAnEndpointIsSent() throws IOException {
        explain("http://shop.test:8080/users/7?a=1", "-H", "Accept: video/mp4", "-H", "Cookie: a=b");

        assertThat(out.toString())
                .contains("GET /files/7?a=1 HTTP/1.1", "X-By: media 127.0.0.1", "X-Route: media")
                .doesNotContain("Cookie: a=b");
    }

    @Test
    void namesTheEndpointOfAKeyAndTheSameEachTime() throws IOException {
        explain("http://shop.test:8080/users/7", "-H", "Accept: video/mp4", "--json");
        String first = out.toString();
        out.getBuffer().setLength(0);
        explain("http://shop.test:8080/users/7", "-H", "Accept: video/mp4", "--json");

        assertThat(first).containsPattern("\"endpoint\" ?: ?\"127.0.0.1:[34]\"");
        assertThat(endpointLine(out.toString())).isEqualTo(endpointLine(first));
    }

    private static List<String> endpointLine(String json) {
        return json.lines().filter(line -> line.contains("\"endpoint\"")).toList();
    }

    @Test
    void namesAllThatMayGetIt() throws IOException {
        explain("http://any.test:8081/");

        assertThat(out.toString()).contains("none: the listener's upstream", "any of 127.0.0.1:1, 127.0.0.1:2");
    }

    @Test
    void leavesASplitOpenThatTakesTurns() throws IOException {
        explain("http://shop.test:8080/");

        assertThat(out.toString()).contains("any of these, by weight", "weight 3", "weight 1");
    }

    @Test
    void computesARedirect() throws IOException {
        explain("http://www.shop.test:8080/a?b=c");

        assertThat(out.toString()).contains("answer    308").containsIgnoringCase("location: https://shop.test/a?b=c");
    }

    @Test
    void tellsWhatIsRefused() throws IOException {
        explain("http://nobody.test:8080/");
        explain("POST", "http://shop.test:8080/", "-H", "Content-Length: 11");
        explain("http://shop.test:8080/../a");
        explain("TRACE", "http://shop.test:8080/");

        assertThat(out.toString())
                .contains("answer    404: no route", "answer    413", "answer    400: dot segment", "answer    501");
    }

    @Test
    void asksForTheListenerWhenTheUrlDoesNotTell() throws IOException {
        assertThat(explain("https://shop.test/")).isEqualTo(1);
        assertThat(err.toString()).contains("no listener", "web (port 8080)", "other (port 8081)");
        assertThat(explain("https://shop.test/", "--listener", "web")).isZero();
        assertThat(explain("https://shop.test/", "--listener", "weeb")).isEqualTo(1);
    }

    @Test
    void refusesWhatIsNoQuestion() throws IOException {
        assertThat(explain("ftp://shop.test/")).isEqualTo(1);
        assertThat(explain("http://shop.test:8080/", "--client", "me")).isEqualTo(1);
        assertThat(explain("http://shop.test:8080/", "-H", "nothing")).isEqualTo(2);
    }

    private int explain(String... arguments) throws IOException {
        return explain(CONFIG, arguments);
    }

    private int explain(String config, String[] arguments) throws IOException {
        Path file = Files.writeString(folder.resolve("fairlead.yaml"), config);
        var all = new java.util.ArrayList<>(List.of("explain", "--config", file.toString()));
        all.addAll(List.of(arguments));
        return FairleadCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }
}
