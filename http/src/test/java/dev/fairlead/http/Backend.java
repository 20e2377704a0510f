package dev.fairlead.http;

import dev.fairlead.config.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A scripted server on loopback, with a thread for each connection.
final class Backend implements AutoCloseable {
    private static final List<Socket> DEAD = Collections.synchronizedList(new ArrayList<>());

    private final ServerSocket server;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    interface Script {
        /// `number`: of the connection, from 1.
        void serve(Wire wire, int number) throws Exception;
    }

    Backend(Script script) throws IOException {
        this(script, 0);
    }

    Backend(Script script, int receiveBytes) throws IOException {
        this(script, receiveBytes, new ServerSocket());
    }

    /// On a socket that is not bound yet.
    Backend(Script script, ServerSocket server) throws IOException {
        this(script, 0, server);
    }

    private Backend(Script script, int receiveBytes, ServerSocket server) throws IOException {
        this.server = server;
        if (receiveBytes > 0) {
            server.setReceiveBufferSize(receiveBytes);
        }
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 500);
        Thread.ofVirtual().start(() -> accept(script));
    }

    /// Answers every request with its own target.
    static Backend echo() throws IOException {
        return new Backend((wire, _) -> {
            while (true) {
                String target = wire.request().start().split(" ")[1];
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + target.length() + "\r\n\r\n" + target);
            }
        });
    }

    /// Answers every request with these bytes.
    static Backend of(String response) throws IOException {
        return new Backend((wire, _) -> {
            while (true) {
                wire.request();
                wire.send(response);
            }
        });
    }

    /// Agrees as RFC 6455 has it, then sends everything back, and ends when its client does.
    static Backend webSocket() throws IOException {
        return new Backend((wire, _) -> {
            Wire.Message asked = wire.request();
            String key = asked.field("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
            byte[] proof = MessageDigest.getInstance("SHA-1").digest(key.getBytes(StandardCharsets.US_ASCII));
            wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "X-Start: " + asked.start() + "\r\nSec-WebSocket-Accept: "
                    + Base64.getEncoder().encodeToString(proof) + "\r\n\r\nhello ");
            wire.input().transferTo(wire.socket().getOutputStream());
        });
    }

    private void accept(Script script) {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                int number = accepted.incrementAndGet();
                Thread.ofVirtual().start(() -> {
                    try (Wire wire = new Wire(socket)) {
                        script.serve(wire, number);
                    } catch (Exception _) {
                        // The test sees it at the other end.
                    }
                    open.remove(socket);
                });
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    int accepted() {
        return accepted.get();
    }

    Address address() {
        return new Address(InetAddress.getLoopbackAddress(), server.getLocalPort());
    }

    /// An address on which nobody listens, nor will: a socket that does not listen either has it for good.
    static Address dead() throws IOException {
        Socket held = new Socket();
        held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        DEAD.add(held);
        return new Address(InetAddress.getLoopbackAddress(), held.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
