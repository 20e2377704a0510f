package dev.fairlead.net.probe;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A real nginx that serves a few fixed answers, over HTTP or, with an identity, HTTPS.
final class Nginx implements AutoCloseable {
    private static final long START_NANOS_MAX = 60_000_000_000L;

    private final Process process;
    private final int port;

    private Nginx(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Nginx https(Path folder, Identity identity) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path conf = Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                %1$s
                pid %2$s/nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    client_body_temp_path %2$s/body;
                    proxy_temp_path %2$s/proxy; fastcgi_temp_path %2$s/fcgi;
                    uwsgi_temp_path %2$s/uwsgi; scgi_temp_path %2$s/scgi;
                    server {
                        listen 127.0.0.1:%3$d ssl;
                        server_name app.example;
                        ssl_certificate %4$s;
                        ssl_certificate_key %5$s;
                        location = /healthz { return 200 "all is well"; }
                        location = /moved { return 302 /healthz; }
                        location = /same { return 304; }
                    }
                }
                """.formatted(
                        System.getProperty("user.name").equals("root") ? "user root;" : "",
                        folder,
                        port,
                        identity.certificate(),
                        identity.key()));
        Process process = new ProcessBuilder(List.of(program(), "-e", "stderr", "-c", conf.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.log").toFile())
                .start();
        Nginx nginx = new Nginx(process, port);
        nginx.awaitListening(folder.resolve("nginx.log"));
        return nginx;
    }

    private static String program() {
        return List.of("/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx").stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("these tests need nginx: apt-get install nginx"));
    }

    private void awaitListening(Path log) throws IOException {
        long giveUpNanos = System.nanoTime() + START_NANOS_MAX;
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - giveUpNanos > 0) {
                close();
                throw new IllegalStateException("nginx does not listen: " + Files.readString(log));
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
