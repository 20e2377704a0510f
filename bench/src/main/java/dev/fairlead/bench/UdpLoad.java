package dev.fairlead.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/// Datagrams for `bench/udp.sh`: a server that sends each back, and clients that each keep some of them under way.
/// One thread, no allocation while it measures.
public final class UdpLoad {
    private static final int UNDER_WAY = 8;
    private static final long LOST_NANOS = 200_000_000L;

    private UdpLoad() {}

    public static void main(String[] arguments) throws IOException {
        switch (arguments[0]) {
            case "echo" -> echo(Integer.parseInt(arguments[1]));
            case "load" ->
                load(
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[3]),
                        Integer.parseInt(arguments[4]));
            default -> throw new IllegalArgumentException("echo PORT | load PORT CLIENTS SECONDS BYTES");
        }
    }

    private static void echo(int port) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
            channel.bind(new InetSocketAddress("127.0.0.1", port));
            ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
            while (true) {
                buffer.clear();
                var from = channel.receive(buffer);
                channel.send(buffer.flip(), from);
            }
        }
    }

    private static final class Client {
        final DatagramChannel channel;
        long heardNanos;

        Client(int port) throws IOException {
            channel = DatagramChannel.open();
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress("127.0.0.1", port));
        }

        void send(ByteBuffer content) throws IOException {
            channel.write(content.clear());
        }
    }

    /// Prints `REPORT answers microseconds lost`.
    private static void load(int port, int count, int seconds, int bytes) throws IOException {
        ByteBuffer out = ByteBuffer.allocateDirect(bytes);
        ByteBuffer in = ByteBuffer.allocateDirect(65_536);
        Client[] clients = new Client[count];
        Selector selector = Selector.open();
        for (int i = 0; i < count; i++) {
            clients[i] = new Client(port);
            clients[i].channel.register(selector, SelectionKey.OP_READ, clients[i]);
        }
        long start = System.nanoTime();
        long answers = 0;
        long lost = 0;
        long looked = start;
        for (Client client : clients) {
            client.heardNanos = start;
            for (int i = 0; i < UNDER_WAY; i++) {
                client.send(out);
            }
        }
        long now = start;
        while (now - start < seconds * 1_000_000_000L) {
            int[] heard = {0};
            selector.select(key -> heard[0] += answer((Client) key.attachment(), in, out), 50);
            now = System.nanoTime();
            answers += heard[0];
            if (now - looked > LOST_NANOS) {
                looked = now;
                lost += again(clients, out, now);
            }
        }
        System.out.printf("REPORT %d %d %d%n", answers, (now - start) / 1000, lost);
    }

    /// Takes what has come, and sends as many.
    private static int answer(Client client, ByteBuffer in, ByteBuffer out) {
        int heard = 0;
        try {
            while (heard < UNDER_WAY && client.channel.read(in.clear()) > 0) {
                client.send(out);
                heard++;
            }
        } catch (IOException refused) {
            // Nobody is there yet: counted as lost later.
            return heard;
        }
        client.heardNanos = System.nanoTime();
        return heard;
    }

    /// Clients that have heard nothing for long have lost all they had under way.
    private static long again(Client[] clients, ByteBuffer out, long now) throws IOException {
        long lost = 0;
        for (Client client : clients) {
            if (now - client.heardNanos > LOST_NANOS) {
                client.heardNanos = now;
                for (int i = 0; i < UNDER_WAY; i++) {
                    client.send(out);
                    lost++;
                }
            }
        }
        return lost;
    }
}
