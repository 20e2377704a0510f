package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A source address with four ports, because Linux has all others for itself: so it seems to the process, which alone
/// sees another setting. Needs root.
class KernelPortsTest extends KernelTest {
    private static final int FIRST = 1024;
    private static final int PORTS = 4;

    private Path setting;

    @BeforeEach
    void setting() throws Exception {
        setting = Files.createTempFile("ports", "");
        leave(PORTS);
    }

    private void leave(int ports) throws IOException {
        Files.writeString(setting, FIRST + ports + "\t65535\n");
    }

    @AfterEach
    void forget() throws Exception {
        Files.delete(setting);
    }

    private void run() throws Exception {
        String script = "mount --bind " + setting + " /proc/sys/net/ipv4/ip_local_port_range && exec \"$@\"";
        fairlead = Fairlead.startWith(
                List.of("unshare", "--mount", "bash", "-c", script, "bash"),
                yaml(", source: " + lab.here(2), "", "", 2));
    }

    private List<Integer> ports() {
        List<Integer> ports = new ArrayList<>();
        for (InetSocketAddress each : servers.get(1).peers()) {
            ports.add(each.getPort());
        }
        return ports;
    }

    @Test
    void whenAllPortsAreTakenTheNextFlowWaitsForTheFirstThatIsFree() throws Exception {
        run();
        List<Socket> held = new ArrayList<>();
        for (int i = 0; i < PORTS; i++) {
            Socket socket = connect();
            server(socket);
            held.add(socket);
        }
        assertThat(ports()).containsExactly(FIRST, FIRST + 1, FIRST + 2, FIRST + 3);
        Thread third = Thread.ofPlatform().start(() -> {
            await(() -> fairlead.metric("fairlead_kernel_lost_packets_total", "no-port") > 0);
            try {
                held.get(2).setSoLinger(true, 0);
                held.get(2).close();
            } catch (IOException impossible) {
                throw new IllegalStateException(impossible);
            }
        });

        // Its SYNs are lost until then; the table keeps what is over for ten seconds.
        Socket late = connect();
        server(late);
        third.join();

        echo(late, "here at last");
        assertThat(ports().getLast()).isEqualTo(FIRST + 2);
        for (int i : new int[] {0, 1, 3}) {
            echo(held.get(i), "still here");
        }
    }

    /// Each rests as long as can be: the one that was given back last is not the next.
    @Test
    void portsTakeTurns() throws Exception {
        run();
        for (int i = 0; i < PORTS; i++) {
            try (Socket socket = connect()) {
                server(socket);
                socket.setSoLinger(true, 0);
            }
            await(() -> active() == 0);
        }

        assertThat(ports()).containsExactly(FIRST, FIRST + 1, FIRST + 2, FIRST + 3);
    }

    @Test
    void whereTheHostHasAllPortsItSaysWhatToSet() throws Exception {
        leave(0);

        assertThatThrownBy(this::run)
                .hasMessageContaining("raw")
                .hasMessageContaining("sysctl net.ipv4.ip_local_port_range=");
    }

    @Test
    void fewPortsAreToldOf() throws Exception {
        run();

        assertThat(fairlead.log()).contains("few ports are left").contains("ip_local_port_range");
    }
}
