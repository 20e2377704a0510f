package dev.fairlead.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A server of TCP and UDP in a namespace: to each connection it says one byte, its own number, and then gives back
/// what it gets; to each datagram its number and the datagram.
final class EchoServer implements AutoCloseable {
    static final int PORT = 7000;

    private final int number;
    private final ServerSocket door;
    private final DatagramSocket datagrams;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<InetSocketAddress> peers = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<InetSocketAddress> senders = new ConcurrentLinkedQueue<>();

    EchoServer(Namespace where, int number) throws IOException, InterruptedException {
        this(where, number, PORT);
    }

    EchoServer(Namespace where, int number, int port) throws IOException, InterruptedException {
        this.number = number;
        this.door = where.call(() -> {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress((InetAddress) null, port), 1024);
            return socket;
        });
        this.datagrams = where.call(() -> new DatagramSocket(port));
        Thread.ofVirtual().start(this::accept);
        Thread.ofVirtual().start(this::answer);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = door.accept();
                open.add(socket);
                peers.add((InetSocketAddress) socket.getRemoteSocketAddress());
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The end of the test, or of this server.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            out.write(number);
            in.transferTo(out);
        } catch (IOException broken) {
            // The client will see it.
        }
        open.remove(socket);
    }

    private void answer() {
        byte[] bytes = new byte[1 << 16];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(bytes, 1, bytes.length - 1);
                datagrams.receive(packet);
                senders.add((InetSocketAddress) packet.getSocketAddress());
                bytes[0] = (byte) number;
                datagrams.send(new DatagramPacket(bytes, 0, packet.getLength() + 1, packet.getSocketAddress()));
            }
        } catch (IOException closed) {
            // As above.
        }
    }

    /// Who has connected, in order.
    Iterable<InetSocketAddress> peers() {
        return peers;
    }

    /// Of each datagram, in order.
    List<InetSocketAddress> senders() {
        return List.copyOf(senders);
    }

    int count() {
        return peers.size();
    }

    @Override
    public void close() throws IOException {
        door.close();
        datagrams.close();
        for (Socket each : open) {
            each.close();
        }
    }
}
