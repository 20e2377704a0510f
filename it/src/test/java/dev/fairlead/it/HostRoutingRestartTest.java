package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What [KernelRestartTest] says, where the host routes. Needs root.
class HostRoutingRestartTest extends KernelRestartTest {
    @Override
    String shared(String more) {
        return super.shared(", routing: host" + more);
    }

    private String filters() throws Exception {
        return NetworkLab.attempt("tc", "filter", "show", "dev", lab.linkTo(0), "egress")
                .text();
    }

    /// There and back, with flows of each kind, by links and by filters; in the end nothing is left that looks at what
    /// leaves.
    @ParameterizedTest
    @ValueSource(strings = {"auto", "clsact"})
    void flowsGoOnFromOneRoutingToTheOther(String attach) throws Exception {
        String host = yaml("", "", ", attach: " + attach, 1)
                .replace(
                        "upstreams:",
                        "  hidden: {protocol: tcp, address: \"%s:%d\", upstream: app, carrier: ebpf, source: %s}\nupstreams:"
                                .formatted(lab.balancer(), PORT + 1, lab.here(1)));
        String direct = host.replace("routing: host", "routing: direct");
        List<Socket> held = new ArrayList<>();
        for (String yaml : List.of(direct, host, direct, host)) {
            fairlead = Fairlead.start(yaml);
            for (int port = PORT; port <= PORT + 1; port++) {
                held.add(connect(port));
                server(held.getLast());
            }
            for (Socket each : held) {
                echo(each, "with this process");
            }
            boolean isByHost = yaml.equals(host);
            assertThat(filters().contains("fairlead " + lab.pins())).isEqualTo(isByHost && attach.equals("clsact"));
            assertThat(NetworkLab.attempt("ls", lab.pins()).text().contains("out_"))
                    .isEqualTo(isByHost && attach.equals("auto"));

            fairlead.kill();

            for (Socket each : held) {
                echo(each, "with none");
            }
        }
        fairlead = Fairlead.start(host);
        held.forEach(HostRoutingRestartTest::end);
        await(() -> active() == 0);
        assertThat(fairlead.metric("fairlead_flows_total", "forgotten")).isZero();
        fairlead.close();
        fairlead = null;
        assertThat(filters()).isEmpty();
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (java.io.IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
    }

    @Test
    void cleanRemovesWhatLooksAtLeavingPackets() throws Exception {
        fairlead = Fairlead.start(yaml("", "", ", attach: clsact", 1));
        server(connect());
        assertThat(filters()).contains("fairlead " + lab.pins());

        fairlead.kill();

        assertThat(kernel(0, "clean", lab.pins())).contains(removed());
        assertThat(filters()).isEmpty();
        fairlead = null;
    }
}
