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

/// Linux chooses by what was counted of endpoints, and every flow leaves its line in the log. Needs root.
abstract class KernelLoadTest extends KernelTest {
    static final int ASKED_PORT = 7100;

    private final List<ServerSocket> doors = new ArrayList<>();
    private final AtomicIntegerArray asked = new AtomicIntegerArray(NetworkLab.SERVERS + 1);

    @AfterEach
    void closeDoors() throws IOException {
        for (ServerSocket each : doors) {
            each.close();
        }
    }

    /// A server that speaks when it is asked, after a while: of all three, the first is slow.
    void answer(int number, int millis) throws IOException, InterruptedException {
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

    int ask() throws IOException, InterruptedException {
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
        fairlead = Fairlead.start(logged(1));

        ask();

        await(() -> fairlead.log().contains("\"carrier\":\"kernel\""));
        assertThat(fairlead.log())
                .contains("\"listener\":\"raw\"", "\"client\":\"" + lab.address(0) + ":", "\"outcome\":\"closed\"")
                .contains("\"endpoint\":\"" + lab.address(1) + ":" + ASKED_PORT + "\"")
                .containsPattern("\"bytesIn\":[1-9]");
    }

    /// Its line is written some seconds after its end: the endpoint is gone by then, and another has its place.
    @Test
    void aFlowIsInTheLogWithTheEndpointThatItHadAndTheConfigHasNoMore() throws Exception {
        answer(1, 5);
        fairlead = Fairlead.start(logged(1));
        ask();
        await(() -> fairlead.metric("fairlead_endpoint_picks_total") == 1 && active() == 0);

        fairlead.reload(logged(2), "done");
        double looks = fairlead.metric("fairlead_kernel_sweep_seconds_count");
        await(() -> fairlead.metric("fairlead_kernel_sweep_seconds_count") > looks + 1);
        fairlead.reload(logged(2, 3), "done");

        await(() -> fairlead.log().contains("\"carrier\":\"kernel\""));
        assertThat(fairlead.log()).contains("\"endpoint\":\"" + lab.address(1) + ":" + ASKED_PORT + "\"");
    }

    private String logged(int... numbers) {
        return yaml("", "", "", numbers).replace(":" + EchoServer.PORT, ":" + ASKED_PORT)
                + "access-log: {path: stdout}\n";
    }
}
