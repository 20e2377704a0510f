package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Layer 4 in the kernel: what any carrier does, and what only packets do. Needs root.
class KernelPlaneTest extends AnyCarrierTest {
    @Test
    void clientAndServerHaveOneConnection() throws Exception {
        run("", "");

        Socket socket = connect();
        int chosen = server(socket);
        echo(socket, "hello");

        InetSocketAddress peer = servers.get(chosen - 1).peers().iterator().next();
        assertThat(peer.getAddress().getHostAddress()).isEqualTo(lab.address(0));
        assertThat(peer.getPort()).isEqualTo(socket.getLocalPort());
        await(() -> active() == 1);
        assertThat(fairlead.admin("/flows")).contains(lab.address(0) + ":" + socket.getLocalPort(), endpoint(chosen));
        await(() -> fairlead.metric("fairlead_kernel_packets_total") > 5);
        socket.close();
        await(() -> active() == 0);
        assertThat(fairlead.metric("fairlead_endpoint_picks_total")).isEqualTo(1);
    }

    @Test
    void twoCapabilitiesAreEnough() throws Exception {
        String two = "-all,+net_admin,+bpf";
        fairlead = Fairlead.startWith(
                List.of("setpriv", "--bounding-set=" + two, "--inh-caps=" + two), yaml("", ", balancer: maglev"));

        Socket socket = connect();
        server(socket);
        echo(socket, "hello");
    }

    @Override
    @Test
    void manyConnectionsAtOnceEachGetTheirOwnBytes() throws Exception {
        super.manyConnectionsAtOnceEachGetTheirOwnBytes();

        assertThat(fairlead.metric("fairlead_kernel_lost_packets_total")).isZero();
    }

    /// Its answers go elsewhere, and each connection hangs, until a failover brings it here.
    @Test
    void aSourceThatIsNotOfThisHostIsTold() throws Exception {
        run(", source: " + lab.here(1), "");
        assertThat(fairlead.log()).doesNotContain("is no address of this host");
        echoes();

        fairlead.reload(yaml(", source: " + lab.address(1), ""), "done");

        assertThat(fairlead.log()).contains("source=\"" + lab.address(1) + "\"", "is no address of this host");
    }

    void echoes() throws Exception {
        Socket socket = connect();
        server(socket);
        echo(socket, "hello");
    }
}
