package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that does what a test tells it to do with each connection, badly if wanted. Every connection has a
/// thread of its own.
final class ScriptedBackend implements AutoCloseable {
    interface Script {
        void play(Connection connection) throws IOException, InterruptedException;
    }

    interface Answer {
        String to(Message request);
    }

    private final ServerSocket server;
    private volatile Script script;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final List<Message> requests = new ArrayList<>();

    private ScriptedBackend(ServerSocket server, Script script) {
        this.server = server;
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    static ScriptedBackend playing(Script script) throws IOException {
        return new ScriptedBackend(new ServerSocket(0, 1024, InetAddress.getLoopbackAddress()), script);
    }

    /// Answers every request of a connection, after reading it whole.
    static ScriptedBackend answering(Answer answer) throws IOException {
        return playing(connection -> {
            for (Optional<Message> request = connection.request();
                    request.isPresent() && request.get().whole();
                    request = connection.request()) {
                connection.send(answer.to(request.get()));
            }
        });
    }

    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /// What a script has in its hands.
    final class Connection {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream(), 65536);
            this.out = socket.getOutputStream();
        }

        Socket socket() {
            return socket;
        }

        InputStream in() {
            return in;
        }

        OutputStream out() {
            return out;
        }

        /// The next request, kept also when the connection ended inside it.
        Optional<Message> request() throws IOException {
            Optional<Message> request = Message.request(in);
            synchronized (requests) {
                request.ifPresent(requests::add);
            }
            return request;
        }

        void send(String bytes) throws IOException {
            out.write(bytes.getBytes(ISO_8859_1));
            out.flush();
        }

        /// Ends the connection by a reset, as a process does that dies with unread input.
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /// Reads until the other side ends the connection.
        void awaitEnd() throws IOException {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> play(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void play(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            script.play(new Connection(socket));
        } catch (IOException | InterruptedException e) {
            // The other side left, or the test is over: both are the end of this connection only.
        } finally {
            open.remove(socket);
            ended.incrementAndGet();
        }
    }

    int port() {
        return server.getLocalPort();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    /// Connections taken so far.
    int accepted() {
        return accepted.get();
    }

    /// Connections that have ended, whoever ended them.
    int ended() {
        return ended.get();
    }

    /// All requests so far, in the order in which they were read.
    List<Message> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /// Ends all connections, forgets all that happened, and plays another script from now on.
    void restart(Script next) throws IOException {
        script = next;
        for (Socket socket : open) {
            socket.close();
        }
        org.awaitility.Awaitility.await().until(() -> accepted.get() == ended.get());
        accepted.set(0);
        ended.set(0);
        forgetRequests();
    }

    void forgetRequests() {
        synchronized (requests) {
            requests.clear();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
