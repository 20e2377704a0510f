package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// What [KernelLoadTest] says, and what is measured where packets pass, which nftables cannot do. Needs root.
class KernelLatencyTest extends KernelLoadTest {
    private static final int SLOW_MILLIS = 40;

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
        assertThat(slowOf(6)).as("little is known yet").isBetween(1, 2);

        await(() -> slowOf(30) <= 3);

        String slow = "\"" + lab.address(1) + ":" + ASKED_PORT + "\"";
        await(() -> fairlead.metric("fairlead_kernel_response_seconds_count", slow)
                == fairlead.metric("fairlead_endpoint_latency_seconds_count", slow));
        double count = fairlead.metric("fairlead_kernel_response_seconds_count", slow);
        double seconds = fairlead.metric("fairlead_kernel_response_seconds_sum", slow);
        assertThat(seconds / count).isGreaterThanOrEqualTo(SLOW_MILLIS / 1e3);
        double connects = fairlead.metric("fairlead_endpoint_latency_seconds_count", slow);
        double quick = fairlead.metric("fairlead_endpoint_latency_seconds_bucket", slow, "le=\"0.016777216\"");
        // Of most: a machine that stands still for a moment makes one of them slow.
        assertThat(quick / connects).as("the network is not slow").isGreaterThan(0.5);
    }

    @Test
    void theLogTellsWhenTheFirstByteCame() throws Exception {
        answer(1, 5);
        fairlead = Fairlead.start(
                yaml("", "", "", 1).replace(":" + EchoServer.PORT, ":" + ASKED_PORT) + "access-log: {path: stdout}\n");

        ask();

        await(() -> fairlead.log().contains("\"carrier\":\"kernel\""));
        assertThat(fairlead.log()).containsPattern("\"firstByteMillis\":[0-9.]*[1-9]");
    }
}
