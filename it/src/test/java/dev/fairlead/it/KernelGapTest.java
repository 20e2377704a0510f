package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// TCP mends what is lost on the way; numbered datagrams tell. They go there and back at a steady pace, whatever
/// becomes of the process and the program. Needs root.
class KernelGapTest extends KernelTest {
    private static final int ENOUGH = 400;

    /// A client that has a number for each millisecond, and a server that sends all of them back.
    private final class Numbers {
        private final DatagramSocket socket = lab.client().call(DatagramSocket::new);
        private final BitSet back = new BitSet();
        private final Thread sending = Thread.ofPlatform().daemon().unstarted(this::send);
        private volatile boolean isEnough;
        private int sent;

        /// The first one finds out where neighbours are.
        Numbers() throws IOException, InterruptedException {
            socket.setSoTimeout(WAIT_MILLIS);
            ask(socket);
            Thread.ofPlatform().daemon().start(this::receive);
            sending.start();
        }

        private void send() {
            InetSocketAddress listener = new InetSocketAddress(lab.balancer(), PORT);
            try {
                while (!isEnough) {
                    byte[] number =
                            ByteBuffer.allocate(Integer.BYTES).putInt(sent).array();
                    socket.send(new DatagramPacket(number, number.length, listener));
                    sent++;
                    TimeUnit.MILLISECONDS.sleep(1);
                }
            } catch (IOException | InterruptedException ended) {
                // The end of the test; what is missing then is seen.
            }
        }

        private void receive() {
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            try {
                while (true) {
                    socket.receive(packet);
                    synchronized (back) {
                        back.set(ByteBuffer.wrap(packet.getData()).getInt(1));
                    }
                }
            } catch (IOException closed) {
                // As above.
            }
        }

        private int count() {
            synchronized (back) {
                return back.cardinality();
            }
        }

        void pass() {
            int before = count();
            await(() -> count() > before + ENOUGH);
        }

        /// How many have not come back, once those that are under way have.
        int missing() throws IOException, InterruptedException {
            isEnough = true;
            sending.join(WAIT_MILLIS);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (sent - count() > overflown() && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
            socket.close();
            return sent - count();
        }
    }

    /// Datagrams that came when a receiver was late: a machine that is busy, and nothing of the balancer's.
    private int overflown() throws IOException, InterruptedException {
        int sum = 0;
        for (int i = 0; i <= 1; i++) {
            String namespace = (i == 0 ? lab.client() : lab.server(i)).name();
            String text = NetworkLab.attempt("ip", "netns", "exec", namespace, "nstat", "-asz", "UdpRcvbufErrors")
                    .text();
            sum += text.lines()
                    .filter(line -> line.startsWith("UdpRcvbufErrors"))
                    .mapToInt(line -> Integer.parseInt(line.split("\\s+")[1]))
                    .sum();
        }
        return sum;
    }

    private String yaml(String balancer, String kernel) {
        return yaml("", ", balancer: " + balancer, kernel, 1)
                .replace("protocol: tcp", "protocol: udp")
                .replace("drain-timeout: 60s", "drain-timeout: 1s");
    }

    /// Another listener, which asks for more.
    private String moreOfIpv6() {
        return "  more: {protocol: tcp, address: \"[%s]:%d\", upstream: six, carrier: ebpf}\n"
                        .formatted(lab.balancer6(), PORT)
                + "upstreams:\n  six: {endpoints: [\"[%s]:%d\"]}".formatted(lab.address6(1), EchoServer.PORT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach: auto", "attach: clsact", "acceleration: xdp", "routing: host"})
    void noDatagramIsLost(String way) throws Exception {
        lab.finishesChecksums();
        String kernel = ", " + way;
        fairlead = Fairlead.start(yaml("round-robin", kernel));
        Numbers numbers = new Numbers();
        numbers.pass();

        fairlead.kill();
        numbers.pass();
        fairlead = Fairlead.start(yaml("round-robin", kernel));
        numbers.pass();
        // Each of these is another program.
        fairlead.reload(yaml("random", kernel), "done");
        numbers.pass();
        fairlead.reload(yaml("maglev", kernel).replace("upstreams:", moreOfIpv6()), "done");
        numbers.pass();

        assertThat(numbers.missing() - overflown()).isLessThanOrEqualTo(0);
        assertThat(fairlead.metric("fairlead_flows_total", "forgotten")).isZero();
    }
}
