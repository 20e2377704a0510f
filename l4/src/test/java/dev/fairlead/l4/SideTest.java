package dev.fairlead.l4;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.FlowSpec;
import dev.fairlead.net.BareSockets;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.SocketTerms;
import dev.fairlead.sys.Sockets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SideTest {
    private static final SocketTerms TERMS =
            new SocketTerms(new FlowSpec(Duration.ofMinutes(1), null, null, null, List.of()));

    private final Loops loops = new Loops(1);
    private final Loop loop = loops.all().getFirst();
    private final CompletableFuture<Side> ready = new CompletableFuture<>();
    private final CompletableFuture<Side> over = new CompletableFuture<>();

    @AfterEach
    void close() {
        loops.close();
    }

    /// Connects on the loop, and waits until something is known of it.
    private Side connect(int port) throws Exception {
        var to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        loop.eventLoop()
                .submit(() -> {
                    int socket = BareSockets.ofThisLoop().connect(to, TERMS, 0, to.getAddress());
                    Side side = Side.of(loop, socket, () -> {}, new Watching());
                    return side.register(false);
                })
                .get();
        return ready.get(20, TimeUnit.SECONDS);
    }

    @Test
    void sendsWithoutDelayFromTheSecondTimeOn() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Side side = connect(server.getLocalPort());
            assertThat(side.isBroken()).isFalse();
            loop.eventLoop()
                    .submit(() -> {
                        assertThat(isDelayed(side)).isTrue();
                        side.sends();
                        assertThat(isDelayed(side)).isTrue();
                        side.sends();
                        assertThat(isDelayed(side)).isFalse();
                        side.close(true);
                    })
                    .get();
        }
    }

    private static boolean isDelayed(Side side) {
        return new Sockets().option(side.socket(), Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY) == 0;
    }

    @Test
    void isBrokenWhenNobodyAccepts() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        Side side = connect(port);
        assertThat(side.isBroken()).isTrue();
        assertThat(over.get(20, TimeUnit.SECONDS)).isSameAs(side);
    }

    private final class Watching implements Side.Watcher {
        @Override
        public void onReady(Side side) {
            ready.complete(side);
        }

        @Override
        public void onHangup(Side side, boolean isError) {
            over.complete(side);
        }

        @Override
        public void onTaken(Side side) {}

        @Override
        public void onBroken(Side side) {}

        @Override
        public void onLoopEnded() {}
    }
}
