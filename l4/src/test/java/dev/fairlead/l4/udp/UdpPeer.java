package dev.fairlead.l4.udp;

import dev.fairlead.config.Address;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// A server of datagrams on loopback, with one thread.
final class UdpPeer implements AutoCloseable {
    private final DatagramSocket socket;
    private final AtomicInteger received = new AtomicInteger();
    private final Set<SocketAddress> clients = ConcurrentHashMap.newKeySet();

    interface Service {
        void serve(byte[] content, Answers answers) throws IOException;
    }

    interface Answers {
        void send(byte[] content) throws IOException;
    }

    UdpPeer(InetSocketAddress address, Service service) throws IOException {
        socket = new DatagramSocket(address);
        socket.setReceiveBufferSize(4 << 20);
        Thread.ofPlatform().daemon().start(() -> receive(service));
    }

    UdpPeer(Service service) throws IOException {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), service);
    }

    static UdpPeer echo() throws IOException {
        return new UdpPeer((content, answers) -> answers.send(content));
    }

    /// Answers with its name.
    static UdpPeer named(String name) throws IOException {
        return new UdpPeer((_, answers) -> answers.send(name.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }

    static UdpPeer silent() throws IOException {
        return new UdpPeer((_, _) -> {});
    }

    private void receive(Service service) {
        byte[] space = new byte[65_536];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(space, space.length);
                socket.receive(packet);
                SocketAddress from = packet.getSocketAddress();
                clients.add(from);
                received.incrementAndGet();
                service.serve(
                        Arrays.copyOf(space, packet.getLength()),
                        answer -> socket.send(new DatagramPacket(answer, answer.length, from)));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    int received() {
        return received.get();
    }

    int clients() {
        return clients.size();
    }

    /// Without their ports, in order.
    Set<String> clientAddresses() {
        return clients.stream()
                .map(each -> ((InetSocketAddress) each).getAddress().getHostAddress())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    Address address() {
        return new Address(socket.getLocalAddress(), socket.getLocalPort());
    }

    @Override
    public void close() {
        socket.close();
    }
}
