package dev.fairlead.server.demo;

import dev.fairlead.admin.AdminClient;
import dev.fairlead.config.Config;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The demo: a backend process for every endpoint of a config, a Fairlead process that runs that config, clients,
/// and a live table of what the admin API says.
public final class Demo implements AutoCloseable {
    private static final int START_SECONDS = 15;
    private static final int POLL_MILLIS = 50;
    private static final int SAMPLE_MILLIS = 1_000;

    /// Without a terminal the table is appended, not redrawn, and so shown less often.
    private static final int BLOCK_SAMPLES = 5;

    private final Path file;
    private final Config config;
    private final PrintWriter out;
    private final boolean terminal;
    private final AdminClient admin;
    private final Map<String, Child> backends = new LinkedHashMap<>();
    private @Nullable Child fairlead;

    // set by the shutdown hook
    private volatile boolean closing;

    public Demo(Path file, Config config, PrintWriter out, boolean terminal) {
        this.file = file;
        this.config = config;
        this.out = out;
        this.terminal = terminal;
        this.admin = new AdminClient(config.admin().address().toString());
    }

    /// Starts all processes, and prints what runs where.
    public void start() throws IOException, InterruptedException {
        checkPorts();
        out.print(Files.readString(file));
        out.println();
        out.flush();
        String[] names = {"red", "green", "blue", "amber", "violet", "teal"};
        for (EndpointSpec endpoint : endpoints()) {
            String name = names[backends.size() % names.length];
            backends.put(
                    endpoint.address().toString(),
                    Child.backend(name, endpoint.resolved().port()));
        }
        Path log = Files.createTempFile("fairlead-demo-", ".log");
        Child child = Child.fairlead(file, log);
        fairlead = child;
        awaitReady(child, log);
        announce(child, log);
    }

    private List<EndpointSpec> endpoints() {
        List<EndpointSpec> all = new ArrayList<>();
        for (UpstreamSpec upstream : config.upstreams().values()) {
            all.addAll(upstream.endpoints());
        }
        return all.stream().distinct().toList();
    }

    private void checkPorts() throws IOException {
        List<InetSocketAddress> wanted = new ArrayList<>();
        config.listeners()
                .values()
                .forEach(spec -> spec.eachAddress().forEach(each -> wanted.add(each.socketAddress())));
        endpoints().forEach(spec -> wanted.add(spec.resolved().socketAddress()));
        wanted.add(config.admin().address().socketAddress());
        for (InetSocketAddress address : wanted) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(address);
            } catch (IOException taken) {
                throw new IOException("the demo needs port " + address.getPort() + ", and it is taken: end what uses it"
                        + " (`ss -ltnp | grep " + address.getPort() + "` shows it), or change the port in " + file);
            }
        }
    }

    private void awaitReady(Child child, Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(START_SECONDS).toNanos();
        while (!isReady()) {
            if (!child.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IOException("Fairlead did not start; its log says:\n" + Files.readString(log));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean isReady() {
        try {
            return admin.get("/readyz").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void announce(Child child, Path log) {
        out.printf("Fairlead runs %s (pid %d, log %s)%n", file, child.pid(), log);
        out.println("Try in another terminal:");
        for (ListenerSpec listener : config.listeners().values()) {
            out.printf(
                    "  curl -i http://%s/    # listener %s%n",
                    listener.addresses().getFirst().first(), listener.name());
        }
        out.printf(
                "  curl http://%s/upstreams    # admin; also /metrics /config /readyz%n",
                config.admin().address());
        backends.values().stream()
                .findFirst()
                .ifPresent(backend -> out.printf(
                        "  kill %d    # a backend dies; watch its row: once it is down, no request fails of it%n",
                        backend.pid()));
        out.println();
        out.flush();
    }

    /// Shows the table for the given time (null: until the process is told to end), with clients or without.
    public void show(boolean withTraffic, @Nullable Duration time) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Screen screen = new Screen(backends);
        Traffic traffic =
                withTraffic ? new Traffic(address(TcpListenerSpec.class), address(HttpListenerSpec.class)) : null;
        screen.add(Sample.of(admin));
        String shown = "";
        for (int second = 1; time == null || System.nanoTime() - start < time.toNanos(); second++) {
            Thread.sleep(time == null ? SAMPLE_MILLIS : Math.clamp(left(start, time), 1, SAMPLE_MILLIS));
            if (closing) {
                return;
            }
            screen.add(Sample.of(admin));
            if (terminal || second % BLOCK_SAMPLES == 0) {
                shown = redraw(shown, screen.text() + "\n" + clients(traffic) + "\n");
            }
        }
        if (traffic != null) {
            traffic.close();
            out.printf("%nrequests=%d failures=%d%n", traffic.requests(), traffic.failures());
        }
        out.flush();
    }

    private static long left(long start, Duration time) {
        return time.toMillis() - Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    private InetSocketAddress address(Class<? extends ListenerSpec> kind) throws IOException {
        for (ListenerSpec listener : config.listeners().values()) {
            if (kind.isInstance(listener)) {
                return listener.addresses().getFirst().first().socketAddress();
            }
        }
        throw new IOException(file + " has no listener for the demo's clients: it needs one of each protocol");
    }

    private static String clients(@Nullable Traffic traffic) {
        return traffic == null
                ? "no built-in traffic"
                : "built-in clients: " + traffic.requests() + " requests, " + traffic.failures() + " failed";
    }

    /// On a terminal, over the block that was shown before.
    private String redraw(String before, String text) {
        if (terminal && !before.isEmpty()) {
            out.print("\u001b[" + before.lines().count() + "A\u001b[J");
        }
        out.print(text);
        if (!terminal) {
            out.println();
        }
        out.flush();
        return text;
    }

    /// Ends Fairlead, which drains, and then the backends.
    @Override
    public void close() {
        closing = true;
        if (fairlead != null) {
            fairlead.close();
        }
        backends.values().forEach(Child::close);
    }
}
