package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which of Linux's ways carries a listener that leaves it open. Needs root.
class KernelChoiceTest extends KernelTest {
    @Override
    String carrier() {
        return "kernel";
    }

    private void carries(List<String> wrapper, String yaml) throws Exception {
        fairlead = Fairlead.startWith(wrapper, yaml);
        Socket socket = connect();
        server(socket);
        echo(socket, "hello");
    }

    @Test
    void withAllRightsItIsOurOwnProgram() throws Exception {
        carries(List.of(), yaml("", "", "", 1, 2));

        assertThat(fairlead.log()).contains("carrier: the kernel, one connection", "carrier=\"ebpf\"");
    }

    /// No other right, and no name: as systemd starts it with AmbientCapabilities.
    @Test
    void twoAreEnoughForAnybody() throws Exception {
        carries(nobodyWith("+net_admin,+bpf"), yaml("", "", "", 1, 2));

        assertThat(fairlead.log()).contains("carrier=\"ebpf\"");
    }

    /// The other one alone does for neither way, and is told by its name.
    @Test
    void whatIsMissingIsNamed() throws Exception {
        carries(nobodyWith("+bpf"), yaml("", "", "", 1, 2).replace("carrier: kernel", "carrier: auto"));

        assertThat(fairlead.log())
                .contains("carrier: sockets, two connections", "CAP_NET_ADMIN is missing")
                .doesNotContain("no ebpf");
    }

    @Test
    void withOneItIsNftables() throws Exception {
        carries(nobodyWith("+net_admin"), yaml("", "", "", 1, 2));

        assertThat(fairlead.log())
                .contains("carrier: the kernel by nftables, one connection", "carrier=\"nft\"")
                .contains("no ebpf: CAP_BPF is missing");
    }

    @Test
    void withNoneItIsSockets() throws Exception {
        carries(nobodyWith(""), yaml("", "", "", 1, 2).replace("carrier: kernel", "carrier: auto"));

        assertThat(fairlead.log())
                .contains("carrier: sockets, two connections")
                .contains("no ebpf: CAP_BPF is missing; no nft: CAP_NET_ADMIN is missing");
    }

    /// nftables knows no times; where nothing else may be done, sockets are better than an error.
    @Test
    void whatNftablesCannotDoSocketsDo() throws Exception {
        carries(
                nobodyWith("+net_admin"),
                yaml("", ", balancer: latency", "", 1, 2).replace("carrier: kernel", "carrier: auto"));

        assertThat(fairlead.log())
                .contains("carrier: sockets, two connections")
                .contains("no nft: /upstreams/app/balancer: nftables does not measure how long endpoints take");
    }

    @Test
    void whereLinuxDoesNotRouteNothingIsPutIntoIt() throws Exception {
        for (int i = 0; i <= NetworkLab.SERVERS; i++) {
            NetworkLab.run("sysctl", "-qw", "net.ipv4.conf." + lab.linkTo(i) + ".forwarding=0");
        }
        fairlead = Fairlead.start(yaml("", "", "", 1, 2).replace("carrier: kernel", "carrier: auto"));

        assertThat(fairlead.log()).contains("carrier: sockets, two connections");
        assertThat(fairlead.command(0, "show")).containsPattern("raw +tcp +socket");
        assertThat(NetworkLab.attempt("nft", "list", "tables").text()).doesNotContain(lab.table());
    }

    @Test
    void anInterfaceThatIsNotThereIsNoReasonNotToStart() throws Exception {
        carries(List.of(), yaml("", "", ", announce: [nowhere0]", 1, 2).replace("carrier: kernel", "carrier: auto"));

        assertThat(fairlead.log()).contains("carrier=\"nft\"", "nowhere0");
        assertThat(fairlead.command(0, "show")).containsPattern("raw +tcp +nft");
    }

    /// A crash leaves the program; the next config goes another way.
    @Test
    void whatAnotherWayHasLeftIsToldAndCleanedAwayBesideTheProcess() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1, 2));
        fairlead.kill();
        carries(List.of(), yaml("", "", "", 1, 2).replace("carrier: kernel", "carrier: nft"));

        assertThat(fairlead.log()).contains("an earlier Fairlead's program is still there");
        String[] clean = Program.command(List.of(), "kernel", "clean", "--pins", lab.pins(), "--table", lab.table())
                .toArray(String[]::new);
        Child.Result cleaned = Child.run(Path.of("/"), clean);
        assertThat(cleaned.status()).isEqualTo(1);
        assertThat(cleaned.text()).contains("removed from v");
        assertThat(cleaned.errors()).contains("has the table " + lab.table() + ": end that one first");
        Socket after = connect();
        server(after);
        await(() -> fairlead.metric("fairlead_endpoint_active") >= 1);
    }

    /// The program would drop what comes in for it; nftables leads it there.
    @Test
    void anEndpointOnThisHostIsForNftables() throws Exception {
        try (ServerSocket door = new ServerSocket(0, 1, InetAddress.ofLiteral(lab.here(1)))) {
            door.setSoTimeout(WAIT_MILLIS);
            String here = lab.here(1) + ":" + door.getLocalPort();
            fairlead = Fairlead.start(yaml("", "", "", 1).replace(endpoint(1), here));

            Socket client = connect();
            try (Socket served = door.accept()) {
                served.getOutputStream().write(7);
                assertThat(server(client)).isEqualTo(7);
            }

            assertThat(fairlead.log())
                    .contains("carrier=\"nft\"", "no ebpf: the endpoint " + here + " of app is on this host");
        }
    }

    @Test
    void whoAsksForTheProgramIsToldSo() throws Exception {
        String good = yaml("", "", "", 1).replace("carrier: kernel", "carrier: ebpf");
        String here = good.replace(endpoint(1), lab.here(1) + ":7001");
        assertThatThrownBy(() -> Fairlead.start(here)).hasMessageContaining("is on this host, where only");

        fairlead = Fairlead.start(good);
        fairlead.reload(here, "failed");

        assertThat(fairlead.log()).contains("is on this host, where only");
        Socket socket = connect();
        assertThat(server(socket)).isEqualTo(1);
        echo(socket, "hello");
    }
}
