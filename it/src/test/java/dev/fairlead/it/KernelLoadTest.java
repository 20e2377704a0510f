package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Linux chooses by what was measured and counted of endpoints, and every flow leaves its line in the log.
class KernelLoadTest extends KernelTest {
    private static final int ASKED_PORT = 7100;
    private static final int SLOW_MILLIS = 40;

    private final List<ServerSocket> doors = new ArrayList<>();
    private final AtomicIntegerArray asked = new AtomicIntegerArray(NetworkLab.SERVERS + 1);

    @AfterEach
    void closeDoors() throws IOException {
        for (ServerSocket each : doors) {
            each.close();
        }
    }

    /// A server that speaks when it is asked, after a while: of all three, the first is slow.
    private void answer(int number, int millis) throws IOException, InterruptedException {
        ServerSocket door = lab.server(number).call(() -> new ServerSocket(ASKED_PORT, 100, (InetAddress) null));
        doors.add(door);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = door.accept();
                    Thread.ofVirtual().start(() -> answer(socket, number, millis));
                }
            } catch (IOException closed) {
                // The end of the test.
            }
        });
    }

    private void answer(Socket socket, int number, int millis) {
        try (socket) {
            while (socket.getInputStream().read() >= 0) {
                asked.incrementAndGet(number);
                Thread.sleep(millis);
                socket.getOutputStream().write(number);
            }
        } catch (IOException | InterruptedException over) {
            // The client will see it.
        }
    }

    private int ask() throws IOException, InterruptedException {
        Socket socket = lab.client().call(() -> {
            Socket made = new Socket();
            made.connect(new InetSocketAddress(lab.balancer(), PORT), WAIT_MILLIS);
            return made;
        });
        try (socket) {
            socket.setSoTimeout(WAIT_MILLIS);
            socket.getOutputStream().write(1);
            return socket.getInputStream().read();
        }
    }

    private int slowOf(int flows) throws IOException, InterruptedException {
        int slow = 0;
        for (int i = 0; i < flows; i++) {
            slow += ask() == 1 ? 1 : 0;
        }
        return slow;
    }

    @Test
    void aSlowServerGetsFewFlowsUnderLatency() throws Exception {
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            answer(i, i == 1 ? SLOW_MILLIS : 0);
        }
        fairlead = Fairlead.start(
                yaml("", ", balancer: latency", "", 1, 2, 3).replace(":" + EchoServer.PORT, ":" + ASKED_PORT));
        assertThat(slowOf(30)).as("nothing is known yet").isEqualTo(10);

        await(() -> slowOf(30) <= 3);

        String slow = "\"" + lab.address(1) + ":" + ASKED_PORT + "\"";
        await(() -> fairlead.metric("fairlead_kernel_response_seconds_count", slow)
                == fairlead.metric("fairlead_endpoint_latency_seconds_count", slow));
        double count = fairlead.metric("fairlead_kernel_response_seconds_count", slow);
        double seconds = fairlead.metric("fairlead_kernel_response_seconds_sum", slow);
        assertThat(seconds / count).isBetween(SLOW_MILLIS / 1e3, SLOW_MILLIS / 1e3 * 3);
        double connects = fairlead.metric("fairlead_endpoint_latency_seconds_count", slow);
        double connecting = fairlead.metric("fairlead_endpoint_latency_seconds_sum", slow);
        assertThat(connecting / connects).as("the network is not slow").isLessThan(SLOW_MILLIS / 2e3);
    }

    @Test
    void theLeastLoadedGetsWhatComes() throws Exception {
        fairlead = Fairlead.start(yaml("", ", balancer: least-load", "", 1));
        for (int i = 0; i < 30; i++) {
            server(connect());
        }
        await(() -> active() == 30);
        fairlead.reload(yaml("", ", balancer: least-load", "", 1, 2), "done");
        await(() -> server(connect()) == 2);

        int first = 0;
        for (int i = 0; i < 10; i++) {
            first += server(connect()) == 1 ? 1 : 0;
        }

        assertThat(first).as("of ten, to the one with thirty").isLessThanOrEqualTo(1);
    }

    @Test
    void aFlowThatIsOverIsInTheLog() throws Exception {
        answer(1, 5);
        fairlead = Fairlead.start(
                yaml("", "", "", 1).replace(":" + EchoServer.PORT, ":" + ASKED_PORT) + "access-log: {path: stdout}\n");

        ask();

        await(() -> fairlead.log().contains("\"carrier\":\"kernel\""));
        assertThat(fairlead.log())
                .contains("\"listener\":\"raw\"", "\"client\":\"" + lab.address(0) + ":", "\"outcome\":\"closed\"")
                .contains("\"endpoint\":\"" + lab.address(1) + ":" + ASKED_PORT + "\"")
                .containsPattern("\"firstByteMillis\":[0-9.]*[1-9]")
                .containsPattern("\"bytesIn\":[1-9]");
    }
}
