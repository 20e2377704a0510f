package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The same with acceleration in the driver. Needs root.
class KernelXdpTest extends KernelPlaneTest {
    private static final Pattern REDIRECTED = Pattern.compile("rx_queue_\\d+_xdp_redirect: (\\d+)");

    @BeforeEach
    void senders() throws Exception {
        lab.finishesChecksums();
    }

    @Override
    String shared(String more) {
        return super.shared(", acceleration: xdp" + more);
    }

    @Test
    void packetsOfAFlowArePassedOnInTheDriver() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1, 2, 3));
        Socket socket = connect();
        server(socket);
        for (int i = 0; i < 50; i++) {
            echo(socket, "hello");
        }

        assertThat(redirected(lab.linkTo(0))).isGreaterThan(40);
        assertThat(fairlead.log()).contains("packets of flows are passed on in the driver");
        await(() -> fairlead.metric("fairlead_kernel_packets_total") > 100);
    }

    /// A driver takes no packets there that do not fit one page.
    @Test
    void aLinkThatCannotGoesWithout() throws Exception {
        NetworkLab.run("ip", "link", "set", lab.linkTo(1), "mtu", "9000");
        lab.server(1).run("ip", "link", "set", "eth0", "mtu", "9000");
        fairlead = Fairlead.start(yaml("", "", "", 1, 2));

        for (int i = 0; i < 4; i++) {
            Socket socket = connect();
            server(socket);
            echo(socket, "hello");
        }

        assertThat(fairlead.log())
                .contains(
                        "no acceleration: packets of this interface go the ordinary way interface=\"" + lab.linkTo(1));
        assertThat(servers.get(0).count()).isEqualTo(2);
    }

    private static long redirected(String link) throws Exception {
        Matcher matcher =
                REDIRECTED.matcher(NetworkLab.attempt("ethtool", "-S", link).text());
        long sum = 0;
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1));
        }
        return sum;
    }
}
