package dev.fairlead.l4;

import dev.fairlead.config.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A server on loopback, with a thread for each connection.
final class Peer implements AutoCloseable {
    private static final List<Socket> DEAD = Collections.synchronizedList(new ArrayList<>());

    private final ServerSocket server;
    private final AtomicInteger accepted = new AtomicInteger();

    interface Service {
        void serve(Socket socket) throws Exception;
    }

    Peer(Service service) throws IOException {
        this(service, 0);
    }

    Peer(Service service, int receiveBytes) throws IOException {
        server = new ServerSocket();
        if (receiveBytes > 0) {
            server.setReceiveBufferSize(receiveBytes);
        }
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(() -> accept(service));
    }

    static Peer echo() throws IOException {
        return new Peer(socket -> {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
    }

    private void accept(Service service) {
        try {
            while (true) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        service.serve(socket);
                    } catch (Exception _) {
                        // The test sees it at the other end.
                    }
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
    }
}
