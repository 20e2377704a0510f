package dev.fairlead.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class AcceptorTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Metrics metrics = new Metrics();
    private final Loops loops = new Loops(2);
    private final Set<Loop> seen = ConcurrentHashMap.newKeySet();
    private final Set<SocketChannel> inside = ConcurrentHashMap.newKeySet();
    private final AtomicInteger most = new AtomicInteger();

    @AfterEach
    void close() {
        loops.close();
    }

    @Test
    void letsInExactlyMaxConnectionsAndTheRestAsRoomComes() throws Exception {
        Acceptor acceptor = acceptor(3);
        InetSocketAddress bound = acceptor.bind(ANY_PORT);
        var clients = new ArrayDeque<Socket>();
        for (int i = 0; i < 60; i++) {
            clients.add(new Socket(bound.getAddress(), bound.getPort()));
        }
        // Whichever three are in: all get their turn, and there are never more than three.
        List<Socket> served = new ArrayList<>();
        while (!clients.isEmpty()) {
            Socket next = greeted(clients);
            next.close();
            served.add(next);
        }
        assertThat(served).hasSize(60);
        assertThat(most.get()).isEqualTo(3);
        until(() -> acceptor.open() == 0);
        acceptor.close();
    }

    @Test
    void letsInOneByOneWhenTheBoundIsOne() throws Exception {
        Acceptor acceptor = acceptor(1);
        InetSocketAddress bound = acceptor.bind(ANY_PORT);
        List<Thread> threads = new ArrayList<>();
        var done = new AtomicInteger();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                for (int k = 0; k < 50; k++) {
                    try (Socket client = new Socket(bound.getAddress(), bound.getPort())) {
                        if (client.getInputStream().read() == 'x') {
                            done.incrementAndGet();
                        }
                    } catch (IOException _) {
                        // Not counted.
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(done.get()).isEqualTo(400);
        assertThat(most.get()).isEqualTo(1);
        acceptor.close();
    }

    @Test
    void letsInMoreWhenTheBoundIsRaised() throws Exception {
        Acceptor acceptor = acceptor(1);
        InetSocketAddress bound = acceptor.bind(ANY_PORT);
        try (Socket first = new Socket(bound.getAddress(), bound.getPort());
                Socket second = new Socket(bound.getAddress(), bound.getPort())) {
            until(() -> inside.size() == 1);
            acceptor.maxConnections(2);
            assertThat(first.getInputStream().read()).isEqualTo('x');
            assertThat(second.getInputStream().read()).isEqualTo('x');
        }
        acceptor.close();
    }

    @Test
    void refusesAnAddressThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Acceptor acceptor = acceptor(1);
            assertThatThrownBy(() -> acceptor.bind((InetSocketAddress) taken.getLocalSocketAddress()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void refusesAnAddressThatAnotherAcceptorHas() throws Exception {
        Acceptor first = acceptor(1);
        InetSocketAddress bound = first.bind(ANY_PORT);
        assertThatThrownBy(() -> acceptor(1).bind(bound)).isInstanceOf(IOException.class);
        first.close();
    }

    @Test
    void keepsWhatIsInsideWhenItCloses() throws Exception {
        Acceptor acceptor = acceptor(10);
        InetSocketAddress bound = acceptor.bind(ANY_PORT);
        try (Socket client = new Socket(bound.getAddress(), bound.getPort())) {
            assertThat(client.getInputStream().read()).isEqualTo('x');
            acceptor.close();
            until(() -> isRefused(bound));
            until(() -> acceptor.open() == 1);
        }
        until(() -> acceptor.open() == 0);
    }

    @Test
    void acceptsOnEveryLoop() throws Exception {
        Acceptor acceptor = acceptor(1000);
        InetSocketAddress bound = acceptor.bind(ANY_PORT);
        for (int i = 0; i < 200; i++) {
            try (Socket client = new Socket(bound.getAddress(), bound.getPort())) {
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
        }
        assertThat(seen).hasSize(2);
        assertThat(metrics.counter(Metric.LISTENER_CONNECTIONS, "web").value()).isEqualTo(200);
        acceptor.close();
    }

    private Acceptor acceptor(int max) {
        return new Acceptor(loops, "web", max, false, metrics, (loop, channel) -> {
            assertThat(loop.isHere()).isTrue();
            seen.add(loop);
            channel.pipeline().addLast(new Greeter(channel));
        });
    }

    /// Greets with one byte, and counts who is inside.
    private final class Greeter extends ChannelInboundHandlerAdapter {
        private final SocketChannel channel;

        Greeter(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            inside.add(channel);
            // A handler hears of a close only after the acceptor has: whether the socket is open is what counts.
            int now = (int) inside.stream().filter(SocketChannel::isOpen).count();
            most.accumulateAndGet(now, Math::max);
            context.writeAndFlush(channel.alloc().buffer().writeByte('x'));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            inside.remove(channel);
        }
    }

    /// Takes a client that was greeted out of the queue.
    private static Socket greeted(ArrayDeque<Socket> clients) throws IOException {
        while (true) {
            Socket next = clients.remove();
            if (next.getInputStream().available() > 0) {
                return next;
            }
            clients.add(next);
        }
    }

    private static boolean isRefused(InetSocketAddress address) {
        try (Socket _ = new Socket(address.getAddress(), address.getPort())) {
            return false;
        } catch (ConnectException _) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static void until(BooleanSupplier holds) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUpNanos).as("time left").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
