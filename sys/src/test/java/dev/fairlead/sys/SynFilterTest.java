package dev.fairlead.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SynFilterTest {
    @Test
    void letsInWhoHasShakenHandsAndNobodyElse() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open();
                Socket early = new Socket();
                Socket late = new Socket()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
            early.connect(address);

            assertThat(SynFilter.attach(descriptor(address.getPort()))).isTrue();

            assertThatThrownBy(() -> late.connect(address, 300)).isInstanceOf(SocketTimeoutException.class);
            try (SocketChannel accepted = server.accept()) {
                assertThat(accepted.getRemoteAddress()).isEqualTo(early.getLocalSocketAddress());
            }
        }
    }

    @Test
    void saysNoOfWhatIsNoSocket() {
        assertThat(SynFilter.attach(-1)).isFalse();
    }

    /// The JDK does not show descriptors; /proc does.
    private static int descriptor(int port) throws IOException {
        String local = String.format(Locale.ROOT, ":%04X", port);
        String inode = Stream.of("/proc/self/net/tcp", "/proc/self/net/tcp6")
                .flatMap(SynFilterTest::lines)
                .map(line -> line.trim().split("\\s+"))
                .filter(words -> words[1].endsWith(local) && words[3].equals("0A"))
                .map(words -> words[9])
                .findFirst()
                .orElseThrow();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(path -> target(path).equals("socket:[" + inode + "]"))
                    .map(path -> Integer.parseInt(path.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Stream<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file)).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException gone) {
            return "";
        }
    }
}
