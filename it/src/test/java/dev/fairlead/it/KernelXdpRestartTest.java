package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What [KernelRestartTest] says, with acceleration in the driver. Needs root.
class KernelXdpRestartTest extends KernelRestartTest {
    @BeforeEach
    void senders() throws Exception {
        lab.finishesChecksums();
    }

    @Override
    String shared(String more) {
        return super.shared(", acceleration: xdp" + more);
    }

    private String drivers() throws Exception {
        return NetworkLab.attempt("ip", "link", "show", lab.linkTo(0)).text();
    }

    /// There and back.
    @Test
    void aFlowGoesOnWithoutAccelerationAndWithItAgain() throws Exception {
        String fast = yaml("", "", "", 1);
        fairlead = Fairlead.start(fast);
        Socket held = connect();
        server(held);
        fairlead.kill();
        echo(held, "the driver goes on");
        assertThat(drivers()).contains("prog/xdp");

        fairlead = Fairlead.start(fast.replace("acceleration: xdp", "acceleration: none"));
        echo(held, "without");
        assertThat(drivers()).doesNotContain("prog/xdp");
        fairlead.kill();

        fairlead = Fairlead.start(fast);
        echo(held, "with it again");
        assertThat(drivers()).contains("prog/xdp");
    }
}
