package dev.fairlead.server.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/// The demo's clients: real sockets, a few requests a second each, and no second try. A request has failed when its
/// connection broke or its answer was no 2xx.
final class Traffic implements AutoCloseable {
    private static final int CLIENTS = 5;
    private static final int PAUSE_MILLIS = 200;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final byte[] REQUEST =
            "GET /demo HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final LongAdder requests = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean over;

    /// Five clients on each listener, five requests a second each: Layer 7 on kept connections, Layer 4 on a new
    /// one for every request, since there the connection is what is balanced.
    Traffic(InetSocketAddress layer4, InetSocketAddress layer7) {
        for (int i = 0; i < CLIENTS; i++) {
            int offset = i * PAUSE_MILLIS / CLIENTS;
            clients.execute(() -> run(layer4, offset, false));
            clients.execute(() -> run(layer7, offset + PAUSE_MILLIS / (2 * CLIENTS), true));
        }
    }

    long requests() {
        return requests.sum();
    }

    long failures() {
        return failures.sum();
    }

    /// Lets requests that have begun come to their end.
    @Override
    public void close() {
        over = true;
        clients.close();
    }

    private void run(InetSocketAddress address, int offsetMillis, boolean keep) {
        pause(offsetMillis);
        while (!over) {
            try (Socket socket = new Socket()) {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.connect(address, TIMEOUT_MILLIS);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                boolean again;
                do {
                    again = request(socket, in) && keep;
                    pause(PAUSE_MILLIS);
                } while (again && !over);
            } catch (IOException broken) {
                requests.increment();
                failures.increment();
                pause(PAUSE_MILLIS);
            }
        }
    }

    /// Sends one request and takes its answer; false when the connection is of no more use.
    private boolean request(Socket socket, InputStream in) throws IOException {
        socket.getOutputStream().write(REQUEST);
        String status = line(in);
        long length = 0;
        boolean last = false;
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
            String lower = field.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(
                        lower.substring("content-length:".length()).strip());
            }
            last |= lower.startsWith("connection:") && lower.contains("close");
        }
        in.skipNBytes(length);
        requests.increment();
        boolean good = status.startsWith("HTTP/1.1 2");
        if (!good) {
            failures.increment();
        }
        return good && !last;
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the connection was closed within an answer");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
