package dev.fairlead.it;

import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What [KernelRestartTest] says, of nftables.
class NftRestartTest extends KernelRestartTest {
    @Override
    String carrier() {
        return "nft";
    }

    @Override
    String place() {
        return lab.table();
    }

    @Override
    String removed() {
        return "removed the table " + lab.table() + ": 1 flows";
    }

    /// The flows of the second are its own, though the first has claimed what was there: it knows how many there are,
    /// and
    /// so how many others begin.
    @Test
    void aListenerBecomesTwoOverARestart() throws Exception {
        int flows = 3;
        String yaml = yaml("", ", balancer: round-robin", ", on-exit: keep", 1);
        String one = '"' + lab.balancer() + ":" + PORT + '"';
        fairlead = Fairlead.start(yaml.replace(one, '"' + lab.balancer() + ":" + PORT + "-" + (PORT + 1) + '"'));
        List<Socket> held = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            held.add(connect(PORT + 1));
            server(held.getLast());
        }

        fairlead.kill();
        fairlead = Fairlead.start(yaml.replace(
                "upstreams:",
                "  second: {protocol: tcp, address: \"%s:%d\", upstream: app, carrier: nft}\nupstreams:"
                        .formatted(lab.balancer(), PORT + 1)));
        await(() -> fairlead.metric("fairlead_kernel_flows", "listener=\"second\"") == flows);
        for (Socket each : held) {
            echo(each, "still here");
            each.close();
        }
        await(() -> active() == 0);
        double picks = fairlead.metric("fairlead_endpoint_picks_total");
        for (int i = 0; i < flows; i++) {
            try (Socket brief = connect(PORT + 1)) {
                server(brief);
            }
        }

        await(() -> fairlead.metric("fairlead_endpoint_picks_total") == picks + flows);
    }
}
