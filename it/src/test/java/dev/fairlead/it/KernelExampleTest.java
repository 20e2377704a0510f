package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.Socket;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/// `examples/kernel.yaml` does what it says, with the addresses of a network that is there. Needs root.
class KernelExampleTest extends KernelTest {
    @Test
    void carriesConnectionsAndDatagramsAndOutlivesTheProcess() throws Exception {
        String example = Files.readString(Repository.ROOT.resolve("examples/kernel.yaml"));
        String here = example.replaceAll("192\\.0\\.2\\.10:\\d+", lab.balancer() + ":" + PORT)
                .replaceAll("10\\.1\\.0\\.[13]:\\d+", endpoint(1))
                .replaceAll("10\\.1\\.0\\.[24]:\\d+", endpoint(2))
                .replace("[eth0, eth1]", lab.interfaces() + "\n  pins: " + lab.pins() + "\n  table: " + lab.table());
        assertThat(here).doesNotContain("192.0.2").doesNotContain("10.1.0");

        fairlead = Fairlead.start(here);

        assertThat(fairlead.log()).contains("carrier: the kernel, one connection");
        Socket held = connect();
        assertThat(server(held)).isBetween(1, 2);
        echo(held, "hello");
        try (DatagramSocket socket = lab.client().call(DatagramSocket::new)) {
            socket.setSoTimeout(WAIT_MILLIS);
            assertThat(ask(socket)).isBetween(1, 2);
        }
        fairlead.close();
        fairlead = null;
        echo(held, "nobody is here");
        fairlead = Fairlead.start(here);
        echo(held, "still here");
    }
}
