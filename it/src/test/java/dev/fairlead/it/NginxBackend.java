package dev.fairlead.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A real nginx with one worker: it serves files from [#file], takes files by PUT, and says its own name at
/// `/name`.
final class NginxBackend implements AutoCloseable {
    private final Path home;
    private final int port;
    private Child child;

    private NginxBackend(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    static NginxBackend start(String name) throws IOException {
        Path home = Files.createTempDirectory("fairlead-nginx");
        Files.createDirectories(home.resolve("files/put"));
        NginxBackend nginx = new NginxBackend(home, Repository.freePort());
        Files.writeString(home.resolve("nginx.conf"), nginx.conf(name));
        nginx.start();
        return nginx;
    }

    private String conf(String name) {
        return """
                daemon off;
                %1$s
                pid %2$s/nginx.pid;
                error_log stderr;
                worker_processes 1;
                events { worker_connections 1024; }
                http {
                    access_log off;
                    keepalive_timeout 75s;
                    client_max_body_size 0;
                    client_body_temp_path %2$s/body;
                    proxy_temp_path %2$s/proxy; fastcgi_temp_path %2$s/fcgi;
                    uwsgi_temp_path %2$s/uwsgi; scgi_temp_path %2$s/scgi;
                    default_type text/plain;
                    server {
                        listen 127.0.0.1:%3$d;
                        add_header X-Backend %4$s always;
                        add_header X-Connection $connection always;
                        root %2$s/files;
                        location = /name { return 200 "%4$s"; }
                        location = /healthz { return 200 "fine"; }
                        location = /nothing { return 204; }
                        location = /moved { return 302 /name; }
                        location = /broken { return 500 "no"; }
                        location /put/ { dav_methods PUT; }
                        location /packed/ { gzip_static always; types {} default_type text/html; }
                    }
                }
                """.formatted(System.getProperty("user.name").equals("root") ? "user root;" : "", home, port, name);
    }

    /// Starts it, again after [#stop].
    void start() throws IOException {
        String conf = home.resolve("nginx.conf").toString();
        child = Child.start(home, List.of(nginx(), "-e", "stderr", "-c", conf));
        await().until(this::isListening);
    }

    private static String nginx() {
        return Stream.of("/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx")
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("these tests need nginx: apt-get install nginx"));
    }

    private boolean isListening() {
        if (!child.isAlive()) {
            throw new IllegalStateException("nginx ended: " + child.output());
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /// Stops it at once; its port then refuses connections.
    void stop() throws IOException, InterruptedException {
        child.signal("TERM");
        child.await(Duration.ofMinutes(1));
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /// A file below the root that it serves.
    Path file(String name) {
        return home.resolve("files").resolve(name);
    }

    @Override
    public void close() {
        if (child.isAlive()) {
            try {
                stop();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        child.close();
        delete(home);
    }

    static void delete(Path tree) {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
