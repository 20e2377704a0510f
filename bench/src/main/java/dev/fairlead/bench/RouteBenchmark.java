package dev.fairlead.bench;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.route.Route;
import dev.fairlead.http.route.RouteTable;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What finding the route of a request costs, each request for another route. With `-prof gc` it shows that a match
/// allocates nothing.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouteBenchmark {
    private static final int REQUESTS = 1024;
    private static final String ACCEPT = "image/avif,image/webp,text/html;q=0.9,*/*;q=0.8";

    @Param({"100", "10000"})
    private int routes;

    /// `prefix`: 100 prefixes on each host. `template`: as many templates. `accept`: two routes for each prefix, one
    /// for pictures and one for JSON.
    @Param({"prefix", "template", "accept"})
    private String kind = "";

    private final RequestHead[] requests = new RequestHead[REQUESTS];
    private final Client client = new Client(new InetSocketAddress(InetAddress.getLoopbackAddress(), 40000));
    private RouteTable table;
    private int turn;

    @Setup
    public void fill() {
        StringBuilder text = new StringBuilder("upstreams: {app: {endpoints: [127.0.0.1:1]}}\n"
                + "listeners:\n  web:\n    protocol: http\n    address: 127.0.0.1:0\n    routes:\n");
        for (int i = 0; i < routes; i++) {
            int place = kind.equals("accept") ? i / 2 : i;
            String path = kind.equals("template")
                    ? "path-template: \"/service-" + place % 100 + "/items/{id}\""
                    : "path-prefix: /service-" + place % 100;
            String offer =
                    kind.equals("accept") ? ", accept: " + (i % 2 == 0 ? "\"image/*\"" : "application/json") : "";
            text.append("      - {match: {host: host-" + place / 100 + ".example.com, " + path + offer
                    + "}, upstream: app}\n");
        }
        Config config =
                ConfigFile.read(text.toString(), "routes.yaml", Map.of()).config();
        var upstreams = new Upstreams(new Metrics());
        upstreams.put(config.upstreams().get("app"));
        table = new RouteTable((HttpListenerSpec) config.listeners().get("web"), upstreams);
        for (int i = 0; i < REQUESTS; i++) {
            int place = (int) (i * 7919L % routes) / (kind.equals("accept") ? 2 : 1);
            requests[i] = head("host-" + place / 100 + ".example.com", "/service-" + place % 100 + "/items/" + i);
            if (table.match(requests[i], client) == null) {
                throw new IllegalStateException("no route for request " + i);
            }
        }
    }

    private static RequestHead head(String host, String path) {
        var head = new RequestHead();
        head.fields().add(FieldName.HOST, host);
        head.fields().add(FieldName.REFERER, path);
        head.fields().add(FieldName.ACCEPT, ACCEPT);
        int start = head.fields().valueStart(0);
        head.authority(start, start + host.length(), start + host.length());
        int target = head.fields().valueStart(1);
        head.target(target, target + path.length(), target + path.length());
        return head;
    }

    @Benchmark
    public Route match() {
        return table.match(requests[turn++ & REQUESTS - 1], client);
    }
}
