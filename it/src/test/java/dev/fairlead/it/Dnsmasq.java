package dev.fairlead.it;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A real DNS server on loopback that knows the names of its own hosts file, with a TTL of one second, and SRV
/// records given at the start. Anything else does not exist.
final class Dnsmasq implements AutoCloseable {
    private final Path home;
    private final Path hosts;
    private final int port;
    private final List<String> services;
    private Child child;

    private Dnsmasq(Path home, int port, List<String> services) {
        this.home = home;
        this.hosts = home.resolve("hosts");
        this.port = port;
        this.services = services;
    }

    /// `services` are dnsmasq's `--srv-host` values: `name,target,port,priority,weight`.
    static Dnsmasq start(String... services) throws IOException {
        Path home = Files.createTempDirectory("fairlead-dns");
        Dnsmasq dns = new Dnsmasq(home, freePort(), List.of(services));
        Files.writeString(dns.hosts, "");
        dns.start();
        return dns;
    }

    /// Free for UDP and TCP: it listens to both, and ends when it cannot have one.
    static int freePort() throws IOException {
        while (true) {
            int port = Repository.freePort();
            try (DatagramSocket ignored =
                    new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                return port;
            } catch (BindException taken) {
                // The next one, then.
            }
        }
    }

    /// Starts it, again after [#stop].
    void start() throws IOException {
        List<String> command = Stream.concat(
                        Stream.of(
                                binary(),
                                "--keep-in-foreground",
                                "--log-facility=-",
                                "--conf-file=/dev/null",
                                "--user=" + System.getProperty("user.name"),
                                "--pid-file",
                                "--no-resolv",
                                "--no-hosts",
                                "--addn-hosts=" + hosts,
                                "--local=/example/",
                                "--local-ttl=1",
                                "--listen-address=127.0.0.1",
                                "--bind-interfaces",
                                "--port=" + port),
                        services.stream().map(each -> "--srv-host=" + each))
                .toList();
        child = Child.start(home, command);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> child.output().contains("read " + hosts) || !child.isAlive());
        if (!child.isAlive()) {
            throw new IllegalStateException("it ended; it wrote:\n" + child.output());
        }
    }

    private static String binary() {
        return Stream.of("/usr/sbin/dnsmasq", "/usr/bin/dnsmasq", "/usr/local/sbin/dnsmasq")
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("these tests need dnsmasq: apt-get install dnsmasq-base"));
    }

    /// From now on it answers with these, each as `address name`.
    void hosts(String... lines) throws IOException, InterruptedException {
        Files.writeString(hosts, String.join("\n", lines) + "\n");
        child.signal("HUP");
    }

    /// Stops it at once: questions are not answered.
    void stop() throws IOException, InterruptedException {
        child.signal("TERM");
        child.await(Duration.ofMinutes(1));
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        child.close();
        NginxBackend.delete(home);
    }
}
