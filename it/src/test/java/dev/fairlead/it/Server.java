package dev.fairlead.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;

/// A real haproxy or nginx with a config of the test's own, in a folder of its own.
final class Server implements AutoCloseable {
    private final Path home;
    private final Child child;

    private Server(Path home, Child child) {
        this.home = home;
        this.child = child;
    }

    /// `conf` is the whole file; the server is up when all of `ports` take connections.
    static Server haproxy(String conf, int... ports) throws IOException {
        Path home = Files.createTempDirectory("fairlead-haproxy");
        Path file = Files.writeString(home.resolve("haproxy.cfg"), conf);
        return new Server(home, Child.start(home, List.of("/usr/sbin/haproxy", "-db", "-f", file.toString())))
                .await(ports);
    }

    /// `http` is what stands in the block of that name.
    static Server nginx(String http, int... ports) throws IOException {
        Path home = Files.createTempDirectory("fairlead-nginx");
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        Path file = Files.writeString(home.resolve("nginx.conf"), """
                daemon off; %1$s pid %2$s/nginx.pid; error_log stderr; worker_processes 1;
                events { worker_connections 256; }
                http {
                    access_log off;
                    client_body_temp_path %2$s/b; proxy_temp_path %2$s/p; fastcgi_temp_path %2$s/f;
                    uwsgi_temp_path %2$s/u; scgi_temp_path %2$s/s;
                    %3$s
                }
                """.formatted(user, home, http));
        return new Server(home, Child.start(home, List.of("/usr/sbin/nginx", "-e", "stderr", "-c", file.toString())))
                .await(ports);
    }

    private Server await(int... ports) {
        for (int port : ports) {
            Awaitility.await().until(() -> isListening(port));
        }
        return this;
    }

    private boolean isListening(int port) {
        if (!child.isAlive()) {
            throw new IllegalStateException(home + " ended: " + child.output());
        }
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
