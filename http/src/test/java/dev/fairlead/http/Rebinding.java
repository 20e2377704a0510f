package dev.fairlead.http;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// A translator of addresses between one client and a server of UDP, which can forget under which port it has shown
/// the client.
final class Rebinding implements AutoCloseable {
    private volatile InetSocketAddress server;
    private final DatagramSocket inside = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private volatile DatagramSocket outside;
    private volatile SocketAddress client;
    private volatile boolean deaf;

    Rebinding(InetSocketAddress server) throws IOException {
        this.server = server;
        rebind();
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    DatagramPacket packet = receive(inside);
                    client = packet.getSocketAddress();
                    packet.setSocketAddress(this.server);
                    outside.send(packet);
                } catch (IOException closed) {
                    if (inside.isClosed()) {
                        return;
                    }
                    // The port was forgotten under this packet: it is lost.
                }
            }
        });
    }

    private static DatagramPacket receive(DatagramSocket from) throws IOException {
        var packet = new DatagramPacket(new byte[2048], 2048);
        from.receive(packet);
        return packet;
    }

    /// Where the client sends to.
    InetSocketAddress address() {
        return (InetSocketAddress) inside.getLocalSocketAddress();
    }

    /// What comes from now on comes from another port.
    void rebind() throws IOException {
        DatagramSocket before = outside;
        var fresh = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        outside = fresh;
        if (before != null) {
            before.close();
        }
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    DatagramPacket packet = receive(fresh);
                    packet.setSocketAddress(client);
                    if (!deaf) {
                        inside.send(packet);
                    }
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    /// Whether the client gets nothing of what the server says.
    Rebinding deaf(boolean now) {
        deaf = now;
        return this;
    }

    /// What the client sends from now on goes there.
    void lead(InetSocketAddress to) {
        server = to;
    }

    /// Gives the client bytes as if the server had sent them.
    void forge(byte[] bytes) throws IOException {
        inside.send(new DatagramPacket(bytes, bytes.length, client));
    }

    @Override
    public void close() {
        inside.close();
        outside.close();
    }
}
