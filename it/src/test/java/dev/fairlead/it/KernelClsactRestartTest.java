package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/// What [KernelRestartTest] says, by filters of traffic control, which are nobody's: the next process finds them by
/// their name. Needs root.
class KernelClsactRestartTest extends KernelRestartTest {
    @Override
    String shared(String more) {
        return super.shared(", attach: clsact" + more);
    }

    private String filters() throws Exception {
        return NetworkLab.attempt("tc", "filter", "show", "dev", lab.linkTo(0), "ingress")
                .text();
    }

    @Test
    void theNextProcessTakesTheFilterAndTheLastOneRemovesIt() throws Exception {
        fairlead = Fairlead.start(yaml("", "", ", on-exit: remove", 1));
        Socket held = connect();
        server(held);
        String before = filters();
        assertThat(before).containsOnlyOnce("fairlead " + lab.pins()).contains("pref 250");

        fairlead.kill();
        fairlead = Fairlead.start(yaml("", "", ", on-exit: remove", 1));

        echo(held, "still here");
        assertThat(filters()).containsOnlyOnce("fairlead " + lab.pins()).isNotEqualTo(before);
        held.close();
        await(() -> active() == 0);
        fairlead.close();
        fairlead = null;
        assertThat(filters()).isEmpty();
        assertThat(NetworkLab.attempt("tc", "qdisc", "show", "dev", lab.linkTo(0))
                        .text())
                .doesNotContain("clsact");
    }

    /// Who can pin nothing leaves its filter all the same, and tables that have no name.
    @Test
    void withoutPinsTheFilterStaysUntilItIsCleanedAway() throws Exception {
        String nowhere = Files.createTempDirectory("no-bpf").toString();
        fairlead = Fairlead.start(yaml("", "", "", 1).replace(lab.pins(), nowhere));
        Socket held = connect();
        server(held);

        assertThat(kernel(0, "status", nowhere))
                .contains(lab.linkTo(0), "process     " + fairlead.pid())
                .doesNotContain("Linux goes on alone");
        assertThat(kernel(1, "clean", nowhere)).contains("process " + fairlead.pid() + " has ");
        echo(held, "nothing was taken");
        fairlead.kill();

        echo(held, "still here");
        assertThat(kernel(0, "status", nowhere)).contains(lab.linkTo(0), "Linux goes on alone");
        assertThat(kernel(0, "clean", nowhere)).contains("removed from v");
        assertThat(filters()).isEmpty();
        assertThat(kernel(0, "status", nowhere)).contains("nothing is pinned");
        fairlead = null;
    }

    /// After an upgrade of Linux, or back: there is one program at every moment, and in the end the other way is empty.
    @Test
    void aFlowGoesOnFromOneWayToTheOther() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1));
        Socket held = connect();
        server(held);

        fairlead.kill();
        fairlead = Fairlead.start(yaml("", "", "", 1).replace("attach: clsact", "attach: auto"));
        echo(held, "by a link");
        assertThat(filters()).isEmpty();

        fairlead.kill();
        fairlead = Fairlead.start(yaml("", "", "", 1));
        echo(held, "by a filter");
        assertThat(filters()).contains("fairlead " + lab.pins());
        assertThat(NetworkLab.attempt("ls", lab.pins()).text()).doesNotContain("link_");
    }
}
