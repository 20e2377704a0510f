package dev.fairlead.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.config.FlowSpec;
import dev.fairlead.config.KeepAliveSpec;
import dev.fairlead.sys.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class BareSocketsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Sockets calls = new Sockets();
    private BareSockets sockets;
    private ServerSocket server;
    private int socket = -1;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Transport.best() == Transport.EPOLL, "SKIPPED: bare sockets are Linux's");
        sockets = BareSockets.ofThisLoop();
        server = new ServerSocket(0, 1, LOOPBACK);
    }

    @AfterEach
    void close() throws IOException {
        if (socket >= 0) {
            calls.close(socket);
        }
        if (server != null) {
            server.close();
        }
    }

    private static SocketTerms terms(
            @Nullable KeepAliveSpec keepAlive, @Nullable Duration userTimeout, String... sources) {
        return new SocketTerms(new FlowSpec(Duration.ofMinutes(1), null, keepAlive, userTimeout, List.of(sources)));
    }

    private int tcp(int option) {
        return calls.option(socket, Sockets.IPPROTO_TCP, option);
    }

    @Test
    void haveTheListenersTerms() throws Exception {
        var keepAlive = new KeepAliveSpec(Duration.ofSeconds(77), Duration.ofSeconds(11), 5);
        var to = new InetSocketAddress(LOOPBACK, server.getLocalPort());
        socket = sockets.connect(to, terms(keepAlive, Duration.ofMillis(4321)), 0, LOOPBACK);
        try (Socket accepted = server.accept()) {
            assertThat(sockets.error(socket)).isZero();
            assertThat(tcp(Sockets.TCP_NODELAY)).isZero();
            sockets.prepare(socket);
            assertThat(tcp(Sockets.TCP_NODELAY)).isPositive();
            assertThat(calls.option(socket, Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE))
                    .isEqualTo(1);
            assertThat(tcp(Sockets.TCP_KEEPIDLE)).isEqualTo(77);
            assertThat(tcp(Sockets.TCP_KEEPINTVL)).isEqualTo(11);
            assertThat(tcp(Sockets.TCP_KEEPCNT)).isEqualTo(5);
            assertThat(tcp(Sockets.TCP_USER_TIMEOUT)).isEqualTo(4321);
            assertThat(sockets.localAddress(socket).getPort()).isEqualTo(accepted.getPort());
        }
    }

    @Test
    void comeFromTheirSource() throws Exception {
        var to = new InetSocketAddress(LOOPBACK, server.getLocalPort());
        socket = sockets.connect(to, terms(null, null, "127.0.0.9"), 0, LOOPBACK);
        try (Socket accepted = server.accept()) {
            assertThat(accepted.getInetAddress().getHostAddress()).isEqualTo("127.0.0.9");
            assertThat(tcp(Sockets.TCP_USER_TIMEOUT)).isZero();
        }
    }

    @Test
    void sayWhenTheyCannotComeFromThere() {
        var to = new InetSocketAddress(LOOPBACK, server.getLocalPort());
        int result = sockets.connect(to, terms(null, null, "192.0.2.1"), 0, LOOPBACK);
        assertThat(BareSockets.hasNoSource(result)).isTrue();
    }

    @Test
    void sayThatNobodyListens() throws Exception {
        var to = new InetSocketAddress(LOOPBACK, server.getLocalPort());
        server.close();
        socket = sockets.connect(to, terms(null, null), 0, LOOPBACK);
        assertThat(socket < 0 ? socket : sockets.error(socket)).isEqualTo(-111);
    }

    @Test
    void speakIpv6() throws Exception {
        try (ServerSocket six = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            socket = sockets.connect(
                    new InetSocketAddress(six.getInetAddress(), six.getLocalPort()), terms(null, null), 0, LOOPBACK);
            try (Socket accepted = six.accept()) {
                assertThat(sockets.localAddress(socket)).isEqualTo(accepted.getRemoteSocketAddress());
            }
        }
    }
}
