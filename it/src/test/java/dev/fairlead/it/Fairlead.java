package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/// The real program as a process of its own, with leak detection at its strictest. [#close] ends it with SIGTERM
/// and holds it to a clean exit without a leaked buffer.
final class Fairlead implements AutoCloseable {
    /// Longer than a machine that is shared stands still.
    private static final Duration LONG = Duration.ofMinutes(1);

    private static final HttpClient ADMIN =
            HttpClient.newBuilder().connectTimeout(LONG).build();

    private static final Pattern ADMIN_ADDRESS =
            Pattern.compile("^admin:\\s*\\{? *address: *\"?127\\.0\\.0\\.1:(\\d+)", Pattern.MULTILINE);

    private final Path home;
    private final int adminPort;
    private final Child child;
    private boolean stopped;

    private Fairlead(Path home, int adminPort, Child child) {
        this.home = home;
        this.adminPort = adminPort;
        this.child = child;
    }

    /// Starts it on `yaml`, to which an admin listener on a free port is added if it has none, and waits until it
    /// is ready.
    static Fairlead start(String yaml, String... jvmOptions) throws IOException {
        return startWith(List.of(), yaml, jvmOptions);
    }

    /// The same, by a command that runs the one behind it, such as `prlimit`.
    static Fairlead startWith(List<String> wrapper, String yaml, String... jvmOptions) throws IOException {
        Path home = Files.createTempDirectory("fairlead-it");
        Matcher admin = ADMIN_ADDRESS.matcher(yaml);
        int adminPort = admin.find() ? Integer.parseInt(admin.group(1)) : Repository.freePort();
        Path file = home.resolve("fairlead.yaml");
        Files.writeString(file, withAdmin(yaml, adminPort));
        List<String> options = new ArrayList<>(List.of("-Xmx128m", "-Dio.netty.leakDetection.level=paranoid"));
        options.addAll(List.of(jvmOptions));
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(Program.command(options, "run", file.toString()));
        Child child = Child.start(home, command);
        Fairlead fairlead = new Fairlead(home, adminPort, child);
        try {
            Awaitility.await().atMost(LONG).until(fairlead::isReady);
        } catch (RuntimeException e) {
            child.close();
            throw new IllegalStateException("not ready; it wrote:\n" + child.output(), e);
        }
        return fairlead;
    }

    private static String withAdmin(String yaml, int adminPort) {
        return ADMIN_ADDRESS.matcher(yaml).find()
                ? yaml
                : yaml + "\nadmin: {address: \"127.0.0.1:" + adminPort + "\"}\n";
    }

    private boolean isReady() {
        if (!child.isAlive()) {
            throw new IllegalStateException("it ended");
        }
        try {
            return answer("/readyz").statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private HttpResponse<String> answer(String path) {
        try {
            return ADMIN.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                            .timeout(LONG)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// The processor time that it has taken so far.
    Duration cpu() {
        return ProcessHandle.of(child.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow();
    }

    /// The body of an admin page, which must be answered 200.
    String admin(String path) {
        HttpResponse<String> response = answer(path);
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return response.body();
    }

    /// The sum over all series of a metric whose labels contain `labels`; 0 when there is none.
    double metric(String name, String... labels) {
        Pattern line = Pattern.compile("^" + name + "(\\{[^}]*})? (\\S+)", Pattern.MULTILINE);
        Matcher matcher = line.matcher(admin("/metrics"));
        double sum = 0;
        while (matcher.find()) {
            String has = String.valueOf(matcher.group(1));
            if (List.of(labels).stream().allMatch(has::contains)) {
                sum += Double.parseDouble(matcher.group(2));
            }
        }
        return sum;
    }

    /// Runs a command that asks this process, which must end with `status`; what it printed.
    String command(int status, String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--admin");
        all.add("127.0.0.1:" + adminPort);
        List<String> command = Program.command(List.of(), all.toArray(String[]::new));
        Child.Result result = Child.run(home, command.toArray(String[]::new));
        assertThat(result.status())
                .as(() -> all + ": " + result.text() + result.errors())
                .isEqualTo(status);
        return result.text() + result.errors();
    }

    /// Waits until the endpoint is `up` or `down` on the admin API's metrics.
    void awaitEndpoint(String address, boolean up) {
        Awaitility.await()
                .atMost(LONG)
                .until(() -> metric("fairlead_endpoint_up", "endpoint=\"" + address + "\"") == (up ? 1 : 0));
    }

    /// Writes a new config over the old, sends SIGHUP, and waits until the reload is counted as `result`.
    void reload(String yaml, String result) throws IOException, InterruptedException {
        double before = metric("fairlead_config_reloads_total", "result=\"" + result + "\"");
        Path next = home.resolve("next.yaml");
        Files.writeString(next, withAdmin(yaml, adminPort));
        Files.move(next, home.resolve("fairlead.yaml"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        child.signal("HUP");
        Awaitility.await()
                .atMost(LONG)
                .until(() -> metric("fairlead_config_reloads_total", "result=\"" + result + "\"") > before);
    }

    /// The port of a listener of the config that it was started with, written on one line.
    int port(String listener) throws IOException {
        Matcher matcher = Pattern.compile("^ *" + listener + ": .*?address: \"[^\"]*:(\\d+)\"", Pattern.MULTILINE)
                .matcher(Files.readString(home.resolve("fairlead.yaml")));
        if (!matcher.find()) {
            throw new IllegalArgumentException("no listener " + listener);
        }
        return Integer.parseInt(matcher.group(1));
    }

    /// The config as it is in the file now.
    String yaml() throws IOException {
        return Files.readString(home.resolve("fairlead.yaml"));
    }

    long pid() {
        return child.pid();
    }

    String log() {
        return child.output();
    }

    Path home() {
        return home;
    }

    /// Ends it at once, by SIGKILL.
    void kill() throws IOException, InterruptedException {
        child.signal("KILL");
        child.await(LONG);
        stopped = true;
        close();
    }

    void signal(String name) throws IOException, InterruptedException {
        child.signal(name);
    }

    /// Waits for its own end after a signal, and holds it to status 0 and no leak.
    void awaitExit(Duration atMost) throws InterruptedException {
        int status = child.await(atMost);
        stopped = true;
        assertThat(status).as(() -> "exit status; it wrote:\n" + log()).isZero();
        assertNoLeak();
    }

    private void assertNoLeak() {
        if (log().contains("LEAK:")) {
            fail("a buffer leaked:%n%s", log());
        }
    }

    /// A leak is found when a buffer that nobody released is collected and another one is made: so collect, and
    /// make the program take bytes once more.
    private void collectGarbage() throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Child.run(home, jcmd, Long.toString(child.pid()), "GC.run");
        Matcher listener = Pattern.compile("protocol: *(?:http|tcp), address: \"127\\.0\\.0\\.1:(\\d+)\"")
                .matcher(Files.readString(home.resolve("fairlead.yaml")));
        while (listener.find()) {
            try (Wire wire = Wire.to(Integer.parseInt(listener.group(1)))) {
                wire.socket().setSoTimeout(200);
                wire.send("no request\r\n\r\n").in().read();
            } catch (IOException e) {
                // Whatever this wire gets back is not what is asked here.
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            if (!stopped) {
                collectGarbage();
                child.signal("TERM");
                awaitExit(LONG);
            }
        } finally {
            child.close();
            NginxBackend.delete(home);
        }
    }
}
