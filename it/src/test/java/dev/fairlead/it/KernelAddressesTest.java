package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A listener with several addresses and ports, whose packets Linux passes on: one listener, whichever of them clients
/// speak to.
class KernelAddressesTest extends KernelTest {
    private static final int FIRST = 5010;
    private static final int LAST = 5019;
    private static final int SHORT_MILLIS = 1500;

    private final List<Socket> held = new ArrayList<>();

    @AfterEach
    void closeHeld() throws IOException {
        for (Socket each : held) {
            each.close();
        }
    }

    private String at(String... addresses) {
        String list = '"' + String.join("\", \"", addresses) + '"';
        return yaml("", ", balancer: round-robin", ", on-exit: keep", 1, 2, 3)
                .replace("address: \"" + lab.balancer() + ":" + PORT + '"', "address: [" + list + "]");
    }

    private String one() {
        return lab.balancer() + ":" + PORT;
    }

    private String range() {
        return lab.balancer() + ":" + FIRST + "-" + LAST;
    }

    private String other() {
        return lab.here(1) + ":" + PORT;
    }

    private Socket connect(String address, int port, int waitMillis) throws IOException, InterruptedException {
        Socket socket = lab.client().call(() -> {
            Socket made = new Socket();
            made.connect(new InetSocketAddress(address, port), waitMillis);
            return made;
        });
        socket.setSoTimeout(WAIT_MILLIS);
        held.add(socket);
        server(socket);
        return socket;
    }

    private Socket connect(String address, int port) throws IOException, InterruptedException {
        return connect(address, port, WAIT_MILLIS);
    }

    private void assertNobodyAt(String address, int port) {
        assertThatThrownBy(() -> connect(address, port, SHORT_MILLIS)).isInstanceOf(IOException.class);
    }

    @Test
    void clientsReachOneListenerAtEachOfItsAddresses() throws Exception {
        fairlead = Fairlead.start(at(one(), range(), other()));

        for (Socket each : List.of(
                connect(lab.balancer(), PORT),
                connect(lab.balancer(), FIRST),
                connect(lab.balancer(), LAST),
                connect(lab.here(1), PORT))) {
            echo(each, "hello");
        }
        assertNobodyAt(lab.balancer(), LAST + 1);
        await(() -> active() == 4);
        await(() -> fairlead.metric("fairlead_listener_connections_total", "listener=\"raw\"") == 4);
        await(() -> fairlead.metric("fairlead_kernel_endpoint_packets_total", "direction=\"out\"") >= 4);
        assertThat(fairlead.admin("/flows")).contains("\"raw\"");
        assertThat(fairlead.admin("/listeners")).contains('"' + one() + '"', '"' + range() + '"', '"' + other() + '"');
    }

    @Test
    void anAddressComesAndGoesWhileFlowsOnAllOfThemGoOn() throws Exception {
        fairlead = Fairlead.start(at(one()));
        Socket first = connect(lab.balancer(), PORT);
        fairlead.reload(at(one(), range()), "done");
        Socket second = connect(lab.balancer(), FIRST);
        echo(first, "still");

        fairlead.reload(at(lab.balancer() + ":" + FIRST + "-" + (LAST + 5), other()), "done");
        Socket third = connect(lab.balancer(), LAST + 5);
        Socket fourth = connect(lab.here(1), PORT);
        assertNobodyAt(lab.balancer(), PORT);
        for (Socket each : List.of(first, second, third, fourth)) {
            echo(each, "and on");
        }
        await(() -> active() == 4);

        double bytes = fairlead.metric("fairlead_flow_bytes_total");
        for (Socket each : List.of(first, second, third, fourth)) {
            each.close();
        }
        await(() -> active() == 0);
        assertThat(fairlead.metric("fairlead_flow_bytes_total")).isGreaterThan(bytes);
    }

    @Test
    void anAddressMovesToAnotherListener() throws Exception {
        String second = "\n  more: {protocol: tcp, address: \"" + other() + "\", upstream: app, carrier: " + carrier()
                + "}\nupstreams:";
        fairlead = Fairlead.start(at(one(), range()).replaceFirst("\nupstreams:", second));
        Socket before = connect(lab.balancer(), PORT);
        Socket stays = connect(lab.balancer(), FIRST);

        String moved = second.replace('"' + other() + '"', "[\"" + other() + "\", \"" + one() + "\"]");
        fairlead.reload(at(range()).replaceFirst("\nupstreams:", moved), "done");
        echo(connect(lab.balancer(), PORT), "to the other");
        echo(before, "still");
        echo(stays, "still");
        await(() -> fairlead.metric("fairlead_listener_connections_total", "listener=\"more\"") >= 1);
    }

    @Test
    void theNextProcessKnowsFlowsByAllAddressesAndTakesOutThoseThatAreGone() throws Exception {
        fairlead = Fairlead.start(at(one(), range(), other()));
        Socket first = connect(lab.balancer(), PORT);
        Socket second = connect(lab.balancer(), FIRST);
        fairlead.kill();

        fairlead = Fairlead.start(at(range(), other()));
        echo(first, "of an address that is gone");
        echo(second, "of one that stays");
        echo(connect(lab.balancer(), LAST), "fresh");
        assertNobodyAt(lab.balancer(), PORT);
        await(() -> fairlead.metric("fairlead_kernel_flows", "listener=\"raw\"") >= 2);
    }

    @Test
    void oneClientPortHasAFlowForEachPortThatItAsks() throws Exception {
        fairlead = Fairlead.start(at(range()).replace("protocol: tcp", "protocol: udp"));
        try (DatagramSocket client = lab.client().call(() -> new DatagramSocket())) {
            client.setSoTimeout(WAIT_MILLIS);
            for (int port : new int[] {FIRST, LAST, FIRST}) {
                var to = new InetSocketAddress(lab.balancer(), port);
                client.send(new DatagramPacket(new byte[5], 5, to));
                DatagramPacket answer = new DatagramPacket(new byte[100], 100);
                client.receive(answer);
                assertThat(answer.getSocketAddress()).isEqualTo(to);
            }
        }
        await(() -> active() == 2);
    }
}
