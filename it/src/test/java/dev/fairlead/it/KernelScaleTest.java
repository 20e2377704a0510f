package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

/// Much at once, packets that nobody has joined, and a table that is lost. Needs root.
class KernelScaleTest extends KernelTest {
    private static final int EACH = 5000;

    void travelAlone() throws Exception {
        lab.joinsNoSegments();
    }

    @Test
    void bulkArrivesPacketByPacket() throws Exception {
        travelAlone();
        fairlead = Fairlead.start(yaml("", "", "", 1, 2, 3));
        Socket socket = connect();
        server(socket);
        carriesBulk(socket, 16 << 20);
        await(() -> fairlead.metric("fairlead_kernel_packets_total") > 2.0 * (16 << 20) / 1500);
    }

    /// As many connections as flows of datagrams, so that descriptors are enough for both ends of each.
    @Test
    void tenThousandFlowsAtOnce() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1, 2, 3)
                .replace(
                        "listeners:\n",
                        "listeners:\n  datagrams: {protocol: udp, address: \"%s:%d\", upstream: app, carrier: %s}\n"
                                .formatted(lab.balancer(), PORT, carrier())));
        List<Socket> connections = new ArrayList<>();
        List<DatagramSocket> datagrams = new ArrayList<>();
        try {
            for (int i = 0; i < EACH; i++) {
                connections.add(connect());
                DatagramSocket socket = lab.client().call(DatagramSocket::new);
                datagrams.add(socket);
                socket.setSoTimeout(WAIT_MILLIS);
                socket.connect(new InetSocketAddress(lab.balancer(), PORT));
                // The second one proves that the client gets answers: only then the flow is among those that live.
                echo(socket, i);
                echo(socket, i);
            }
            for (Socket each : connections) {
                server(each);
            }
            await(() -> active() == 2 * EACH);

            for (int i = 0; i < EACH; i++) {
                echo(connections.get(i), "connection " + i);
                echo(datagrams.get(i), i);
            }
            assertThat(fairlead.metric("fairlead_kernel_lost_packets_total")).isZero();
            assertThat(fairlead.metric("fairlead_flows_total", "forgotten")).isZero();
        } finally {
            datagrams.forEach(DatagramSocket::close);
        }
    }

    private static void echo(DatagramSocket socket, int number) throws IOException {
        byte[] text = ("datagram " + number).getBytes();
        socket.send(new DatagramPacket(text, text.length));
        byte[] answer = new byte[64];
        DatagramPacket packet = new DatagramPacket(answer, answer.length);
        socket.receive(packet);
        assertThat(Arrays.copyOfRange(answer, 1, packet.getLength())).isEqualTo(text);
    }

    /// As when another node takes over: it has the address and none of the entries.
    @Test
    void aMaglevConnectionOutlivesTheLossOfTheTable() throws Exception {
        fairlead = Fairlead.start(yaml("", ", balancer: maglev", "", 1, 2, 3));
        Socket held = connect();
        // What acknowledges the answer must not come when nobody is there: this host would reset the connection.
        held.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
        int chosen = server(held);
        await(() -> active() == 1);

        fairlead.kill();
        lose();
        fairlead = Fairlead.start(yaml("", ", balancer: maglev", "", 1, 2, 3));
        assertThat(active()).isZero();

        echo(held, "after");
        await(() -> fairlead.metric("fairlead_endpoint_active", endpoint(chosen)) == 1);
        assertThat(servers.get(chosen - 1).count()).isEqualTo(1);
    }

    private void lose() throws Exception {
        List<String> clean =
                Program.command(List.of(), "kernel", "clean", "--pins", lab.pins(), "--table", lab.table());
        Child.Result result = NetworkLab.attempt(clean.toArray(String[]::new));
        assertThat(result.status()).as(result.text() + result.errors()).isZero();
    }
}
