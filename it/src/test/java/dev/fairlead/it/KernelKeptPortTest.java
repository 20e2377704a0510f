package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Endpoints that are asked on the port that the client has asked for, whose packets Linux passes on. Needs root.
class KernelKeptPortTest extends KernelTest {
    private static final int FIRST = 5010;
    static final int LAST = 5019;
    private static final List<Integer> PORTS = List.of(FIRST, FIRST + 4, LAST);

    private final List<EchoServer> doors = new ArrayList<>();

    /// Each says its server's number and the last digit of its port.
    @BeforeEach
    void openDoors() throws Exception {
        for (int server = 1; server <= NetworkLab.SERVERS; server++) {
            for (int port : PORTS) {
                doors.add(new EchoServer(lab.server(server), name(server, port), port));
            }
        }
    }

    @AfterEach
    void closeDoors() throws Exception {
        for (EchoServer each : doors) {
            each.close();
        }
    }

    private static int name(int server, int port) {
        return 10 * server + port % 10;
    }

    @Override
    String endpoint(int number) {
        return lab.address(number) + ":*";
    }

    String kept(String listener, int... numbers) {
        return yaml(listener, "", ", on-exit: keep", numbers)
                .replace(
                        "address: \"" + lab.balancer() + ":" + PORT,
                        "address: \"" + lab.balancer() + ":" + FIRST + "-" + LAST);
    }

    /// The server that answers on the port that it was asked on.
    private int server(Socket socket, int port) throws IOException {
        int said = server(socket);
        assertThat(said % 10).as("the port of server " + said / 10).isEqualTo(port % 10);
        echo(socket, "hello");
        return said / 10;
    }

    private int ask(int port) throws Exception {
        return server(connect(port), port);
    }

    @Test
    void aConnectionComesToThePortThatItAskedFor() throws Exception {
        fairlead = Fairlead.start(kept("", 1, 2, 3));

        for (int port : PORTS) {
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < NetworkLab.SERVERS; i++) {
                seen.add(ask(port));
            }
            assertThat(seen).containsExactlyInAnyOrder(1, 2, 3);
        }
        await(() -> active() == 9);
        for (int port : PORTS) {
            assertThat(fairlead.admin("/flows")).contains(" : " + place(1, port));
        }
        await(() -> fairlead.metric("fairlead_endpoint_picks_total", endpoint(2)) == 3);
        await(() -> fairlead.metric("fairlead_kernel_endpoint_packets_total", endpoint(3)) > 9);
        assertThat(fairlead.command(0, "explain", "tcp://" + lab.balancer() + ":" + FIRST))
                .contains(endpoint(1));
    }

    /// As JSON has it.
    private String place(int server, int port) {
        return '"' + lab.address(server) + ":" + port + '"';
    }

    @Test
    void whatIsToldOfAFlowNamesThePort() throws Exception {
        fairlead = Fairlead.start(kept("", 1) + "access-log: {path: stdout}\n");
        for (int port : PORTS) {
            try (Socket socket = connect(port)) {
                server(socket, port);
                await(() -> fairlead.admin("/flows").contains(" : " + place(1, port)));
            }
            assertThat(fairlead.command(0, "explain", "tcp://" + lab.balancer() + ":" + port))
                    .contains("endpoint  " + lab.address(1) + ":" + port);
        }

        // It is written when the flow leaves the table, ten seconds after its last packet.
        for (int port : PORTS) {
            await(() -> fairlead.log().contains("\"endpoint\":" + place(1, port)));
        }
    }

    @Test
    void aDatagramComesToThePortThatItWasSentTo() throws Exception {
        fairlead = Fairlead.start(kept("", 1).replace("protocol: tcp", "protocol: udp"));
        try (DatagramSocket client = lab.client().call(() -> new DatagramSocket())) {
            client.setSoTimeout(WAIT_MILLIS);
            for (int port : new int[] {FIRST, LAST, FIRST + 4, FIRST}) {
                var to = new InetSocketAddress(lab.balancer(), port);
                client.send(new DatagramPacket(new byte[5], 5, to));
                DatagramPacket answer = new DatagramPacket(new byte[100], 100);
                client.receive(answer);
                assertThat(answer.getSocketAddress()).isEqualTo(to);
                assertThat(answer.getData()[0]).isEqualTo((byte) name(1, port));
            }
        }
        await(() -> active() == 3);
    }

    /// Flows of all ports share the source's own.
    @Test
    void itIsKeptWhereTheSourceIsAnother() throws Exception {
        lab.server(2).run("ip", "route", "del", "default");
        fairlead = Fairlead.start(kept(", source: " + lab.here(2), 2));
        List<Socket> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            int port = PORTS.get(i % PORTS.size());
            Socket socket = connect(port);
            assertThat(server(socket, port)).isEqualTo(2);
            all.add(socket);
        }
        for (Socket each : all) {
            echo(each, "and on");
        }
        Set<InetSocketAddress> peers = new HashSet<>();
        for (EchoServer each : doors) {
            each.peers().forEach(peers::add);
        }
        assertThat(peers).allMatch(each -> each.getAddress().getHostAddress().equals(lab.here(2)));
        await(() -> active() == 30);
    }

    @Test
    void thisHostsOwnConnectionsKeepItToo() throws Exception {
        fairlead = Fairlead.start(kept("", 1, 2, 3));
        for (int port : PORTS) {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(WAIT_MILLIS);
                socket.connect(new InetSocketAddress(lab.balancer(), port), WAIT_MILLIS);
                server(socket, port);
            }
        }
    }

    @Test
    void aReloadThatGivesItAPortMakesItAnotherEndpointAndFlowsGoOn() throws Exception {
        fairlead = Fairlead.start(kept("", 1));
        Socket before = connect(FIRST);
        server(before, FIRST);
        await(() -> active() == 1);

        fairlead.reload(kept("", 1).replace(endpoint(1), lab.address(1) + ":" + LAST), "done");
        Socket after = connect(FIRST);
        server(after, LAST);
        echo(before, "still");
        await(() -> fairlead.metric("fairlead_endpoint_active", lab.address(1) + ":" + LAST) == 1);

        fairlead.reload(kept("", 1), "done");
        assertThat(ask(FIRST + 4)).isEqualTo(1);
        echo(before, "and on");
        echo(after, "and on");
        before.close();
        after.close();
        await(() -> active() == 1);
    }

    @Test
    void theNextProcessKnowsItsFlows() throws Exception {
        fairlead = Fairlead.start(kept("", 1, 2));
        Socket held = connect(LAST);
        int server = server(held, LAST);
        await(() -> active() == 1);
        fairlead.kill();

        fairlead = Fairlead.start(kept("", 1, 2));
        echo(held, "still");
        await(() -> fairlead.metric("fairlead_endpoint_active", endpoint(server)) == 1);
        ask(FIRST);
        await(() -> active() == 2);
        held.close();
        await(() -> active() == 1);
    }

    @Test
    void aDrainWithATimeoutCutsItsFlowsOnAllPorts() throws Exception {
        fairlead = Fairlead.start(kept("", 1, 2));
        for (int i = 0; i < 2; i++) {
            for (int port : PORTS) {
                ask(port);
            }
        }
        await(() -> active() == 6);

        fairlead.command(0, "drain", "app", endpoint(1), "--timeout", "1");

        await(() -> active() == 3);
        assertThat(ask(LAST)).isEqualTo(2);
    }
}
