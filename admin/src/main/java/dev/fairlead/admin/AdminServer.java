package dev.fairlead.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fairlead.config.AdminSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.PrometheusPage;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.Plane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The admin API over HTTP. It stands on the JDK's own server and virtual threads, so it answers even when the
/// loops do not. There is no CORS: no web page of another origin may read it.
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final String ORDERS =
            "/upstreams/NAME/ENDPOINT/ with drain (timeout=SECONDS), down, up, auto, or weight?value=0 to 1000 or auto";
    private static final String FLOWS = "/flows";
    private static final int BACKLOG = 128;
    private static final long CLOCKS_DIFFER_NANOS = 100_000_000;

    /// Of a question: more than the largest head that a listener takes by default.
    private static final int FORM_BYTES_MAX = 64 << 10;

    private final Operations operations;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HostGuard guard;
    private final Counter cut;
    private final long responseNanos;
    private final Map<String, Page> pages;

    // any thread
    private volatile boolean isClosed;

    /// `answer`: to the form in the request, which most do not look at.
    private record Page(String method, Function<String, Answer> answer) {
        static Page get(Supplier<Answer> answer) {
            return new Page("GET", _ -> answer.get());
        }

        static Page post(Supplier<Answer> answer) {
            return new Page("POST", _ -> answer.get());
        }
    }

    /// Binds and answers from now on. Its timeouts are those of the first one in this process: the JDK's server reads
    /// them once.
    public AdminServer(AdminSpec spec, Operations operations) throws IOException {
        this.operations = operations;
        this.cut = operations.metrics().counter(Metric.ADMIN_CUT);
        this.responseNanos = spec.responseTimeout().toNanos();
        this.pages = Map.ofEntries(
                Map.entry("/healthz", Page.get(() -> Answer.text(200, "ok\n"))),
                Map.entry("/readyz", Page.get(this::ready)),
                Map.entry("/metrics", Page.get(this::metrics)),
                Map.entry("/config", Page.get(() -> Answer.json(200, ConfigTree.of(operations.config())))),
                Map.entry("/listeners", Page.get(() -> Answer.json(200, StateTree.listeners(operations)))),
                Map.entry("/upstreams", Page.get(() -> Answer.json(200, StateTree.upstreams(operations)))),
                Map.entry(FLOWS, Page.get(() -> flows(null))),
                Map.entry("/config/reload", Page.post(this::reload)),
                Map.entry("/drain", Page.post(this::drain)),
                Map.entry("/cache", Page.get(() -> Answer.json(200, operations.cache()))),
                Map.entry("/explain", new Page("POST", this::explain)),
                Map.entry("/cache/purge", new Page("POST", this::purge)));
        System.setProperty("sun.net.httpserver.maxReqTime", seconds(spec.requestTimeout()));
        System.setProperty("sun.net.httpserver.maxRspTime", seconds(spec.responseTimeout()));
        this.server = HttpServer.create(spec.address().socketAddress(), BACKLOG);
        this.guard = new HostGuard(server.getAddress());
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /// Whole ones, and not less.
    private static String seconds(Duration timeout) {
        return Long.toString(timeout.plusSeconds(1).minusNanos(1).toSeconds());
    }

    /// Where it listens; the port that was given when 0 was asked for.
    public InetSocketAddress boundAddress() {
        return server.getAddress();
    }

    @Override
    public void close() {
        isClosed = true;
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        // Not in any case: to close it would end the body as if it were whole. The server closes what fails
        // with an exception; with an Error it would not.
        long began = System.nanoTime();
        try {
            send(exchange, answer(exchange));
        } catch (IOException ended) {
            if (!isClosed && isOverTime(ended, System.nanoTime() - began)) {
                cut.increment();
                LOG.atWarn()
                        .addKeyValue("path", exchange.getRequestURI().getPath())
                        .addKeyValue("client", exchange.getRemoteAddress())
                        .log("an admin request was not sent, or its answer not taken, in time, and cut");
            }
            throw ended;
        }
        exchange.close();
    }

    /// Whether it was this side that has closed the connection. What stood in the middle of a piece is told so by the
    /// channel; what was between two of them by the server, in words alone.
    private boolean isOverTime(IOException ended, long lastedNanos) {
        return ended instanceof ClosedChannelException || lastedNanos >= responseNanos - CLOCKS_DIFFER_NANOS;
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        var body = new Body(exchange, answer.status());
        try {
            answer.send(exchange, body);
        } catch (RuntimeException | Error unexpected) {
            Answer instead = unexpected(exchange, unexpected);
            if (body.hasBegun()) {
                throw new IOException("cut: the page failed on its way", unexpected);
            }
            instead.send(exchange, new Body(exchange, instead.status()));
        }
    }

    private static Answer unexpected(HttpExchange exchange, Throwable unexpected) {
        LOG.atError()
                .setCause(unexpected)
                .addKeyValue("path", exchange.getRequestURI().getPath())
                .log("admin request failed");
        return error(500, "unexpected: see Fairlead's log");
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (!guard.acceptsHost(exchange.getRequestHeaders().getFirst("Host"))) {
            return error(403, "the Host field names neither this machine's loopback nor the admin address");
        }
        if (!guard.acceptsOrigin(exchange.getRequestHeaders().getFirst("Origin"))) {
            return error(403, "asked for by a web page of another origin");
        }
        Page page = page(exchange, path);
        if (page == null) {
            return error(
                    404,
                    "no such path; there are "
                            + pages.keySet().stream().sorted().toList()
                            + " and " + ORDERS);
        }
        String method = exchange.getRequestMethod();
        if (!method.equals(page.method) && !(method.equals("HEAD") && page.method.equals("GET"))) {
            exchange.getResponseHeaders().set("Allow", page.method.equals("GET") ? "GET, HEAD" : page.method);
            return error(405, "this path takes " + page.method);
        }
        // Also where nobody looks at it: to the JDK's server a request that was not read is still being sent.
        String form = form(exchange);
        try {
            return page.answer.apply(form);
        } catch (RuntimeException | Error unexpected) {
            return unexpected(exchange, unexpected);
        }
    }

    private @Nullable Page page(HttpExchange exchange, String path) {
        String query = exchange.getRequestURI().getQuery();
        String[] parts = path.split("/", -1);
        if (parts.length == 4 && parts[1].equals("listeners")) {
            return Page.post(() -> tell(parts[2], parts[3]));
        }
        if (path.equals(FLOWS)) {
            return Page.get(() -> flows(query));
        }
        return parts.length == 5 && parts[1].equals("upstreams")
                ? Page.post(() -> tell(parts[2], parts[3], parts[4], query))
                : pages.get(path);
    }

    private Answer tell(String upstream, String endpoint, String word, @Nullable String query) {
        EndpointOrder.Wish wish = EndpointOrder.wish(word, query);
        if (wish == null) {
            return error(400, "not to be done to an endpoint; there are " + ORDERS);
        }
        return switch (operations.tell(new EndpointOrder(upstream, endpoint, wish))) {
            case EndpointOrder.Told.Done(Endpoint done) ->
                Answer.json(200, StateTree.endpoint(done, operations.drainDeadlineNanos(done)));
            case EndpointOrder.Told.Unknown(String reason) -> error(404, reason);
        };
    }

    private Answer tell(String listener, String word) {
        if (!word.equals("drain") && !word.equals("auto")) {
            return error(400, "not to be done to a listener; there is /listeners/NAME/ with drain or auto");
        }
        var wish = word.equals("drain") ? ListenerOrder.Wish.DRAIN : ListenerOrder.Wish.AUTO;
        return switch (operations.tell(new ListenerOrder(listener, wish))) {
            case ListenerOrder.Told.Done(String state) -> Answer.json(200, Map.of("name", listener, "state", state));
            case ListenerOrder.Told.Unknown(String reason) -> error(404, reason);
            case ListenerOrder.Told.Failed(String reason) -> error(409, reason);
        };
    }

    /// The body of the request; empty when it is too large.
    private static String form(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(FORM_BYTES_MAX + 1);
        return body.length > FORM_BYTES_MAX ? "" : new String(body, StandardCharsets.UTF_8);
    }

    private Answer explain(String form) {
        RequestQuestion question = RequestQuestion.of(form);
        if (question == null) {
            return error(
                    400,
                    "a form of at most " + FORM_BYTES_MAX + " bytes with url, and method, header (several), client,"
                            + " listener if wanted");
        }
        return switch (operations.explain(question)) {
            case Operations.Explained.Done(var tree) -> Answer.json(200, tree);
            case Operations.Explained.Unknown(String reason) -> error(422, reason);
        };
    }

    private Answer purge(String form) {
        PurgeOrder order = PurgeOrder.of(form);
        if (order == null) {
            return error(400, "a form with one of url, prefix, tag and all, and soft=true if wanted");
        }
        return switch (operations.purge(order)) {
            case PurgeOrder.Told.Done(long count) -> Answer.json(200, Map.of("purged", count));
            case PurgeOrder.Told.Refused(String reason) -> error(422, reason);
        };
    }

    private Answer flows(@Nullable String query) {
        FlowQuestion question = FlowTree.question(query);
        if (question == null) {
            return error(400, FlowTree.usage());
        }
        List<Plane> planes = new ArrayList<>(operations.planes());
        // What a drain waits for is asked for most.
        operations.departed().stream()
                .map(Operations.Departed::plane)
                .filter(Objects::nonNull)
                .forEach(planes::add);
        List<Object> flows = FlowTree.of(planes, question);
        return flows == null ? error(503, "the loops do not answer") : Answer.json(200, flows);
    }

    private Answer metrics() {
        return new Answer(200, PrometheusPage.CONTENT_TYPE, to -> PrometheusPage.write(operations.metrics(), to));
    }

    private Answer ready() {
        String reason = operations.notReady();
        return reason == null ? Answer.text(200, "ready\n") : Answer.text(503, reason + "\n");
    }

    private Answer reload() {
        Map<String, Object> tree = new LinkedHashMap<>();
        return switch (operations.reload()) {
            case Operations.Reloaded.Done(var changes, var needRestart, var problems) -> {
                tree.put("changes", changes);
                tree.put("needs-restart", needRestart);
                tree.put("problems", ProblemTree.of(problems));
                yield Answer.json(200, tree);
            }
            case Operations.Reloaded.Invalid(var problems) -> {
                tree.put("error", "the config file is not valid");
                tree.put("problems", ProblemTree.of(problems));
                yield Answer.json(422, tree);
            }
            case Operations.Reloaded.Failed(String reason) -> {
                tree.put("error", reason);
                yield Answer.json(409, tree);
            }
        };
    }

    private Answer drain() {
        operations.drain();
        return Answer.json(202, Map.of("state", "draining"));
    }

    private static Answer error(int status, String message) {
        return Answer.json(status, Map.of("error", message));
    }
}
