package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What [KernelPlaneTest] says, of nftables; and what that has by itself.
class NftPlaneTest extends KernelPlaneTest {
    @Override
    String carrier() {
        return "nft";
    }

    @Test
    void anybodyWithOneCapabilityMayRunIt() throws Exception {
        fairlead = Fairlead.startWith(nobodyWith("+net_admin"), yaml("", "", "", 1, 2, 3));

        Socket socket = connect();
        int chosen = server(socket);
        echo(socket, "hello");

        await(() -> active() == 1);
        assertThat(fairlead.admin("/flows")).contains(lab.address(0) + ":" + socket.getLocalPort(), endpoint(chosen));
        fairlead.command(0, "drain", "app", endpoint(chosen), "--timeout", "1");
        await(() -> active() == 0);
    }

    @Test
    void whatThisHostBeginsIsCounted() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1, 2, 3));
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(lab.balancer(), PORT), WAIT_MILLIS);

            await(() -> fairlead.metric("fairlead_listener_connections_total") == 1);
        }
    }

    @Test
    void otherTablesAreLeftAlone() throws Exception {
        String other = lab.table() + "-other";
        NetworkLab.run(
                "nft",
                "add table inet " + other + "; add chain inet " + other + " c; add rule inet " + other
                        + " c counter accept");
        try {
            String before = listing(other);
            fairlead = Fairlead.start(yaml("", "", "", 1));
            try (Socket socket = connect()) {
                server(socket);
            }
            assertThat(listing(lab.table())).contains(endpoint(1).replace(':', '_'));
            fairlead.reload(yaml("", "", "", 2), "done");
            assertThat(listing(other)).isEqualTo(before);
            fairlead.close();
            fairlead = null;

            assertThat(listing(other)).isEqualTo(before);
            assertThat(listing(lab.table())).as("our own is gone").isEmpty();
        } finally {
            NetworkLab.run("nft", "delete", "table", "inet", other);
        }
    }

    @Test
    void aTableThatIsSomebodyElsesIsNotTaken() throws Exception {
        NetworkLab.run("nft", "add", "table", "inet", lab.table());

        assertThatThrownBy(() -> Fairlead.start(yaml("", "", "", 1))).hasMessageContaining("that no Fairlead has made");

        assertThat(listing(lab.table())).isEqualTo("table inet " + lab.table() + " {\n}\n");
    }

    @Test
    void itSaysThatItTellsNoNeighbour() throws Exception {
        fairlead = Fairlead.start(yaml("", "", ", announce: " + lab.linkTo(0), 1));

        assertThat(fairlead.log())
                .containsOnlyOnce("no neighbour is told of addresses")
                .contains("announce: ...");
    }

    @Test
    void conntrackHasToHaveRoom() {
        String much = yaml("", "", "", 1).replace("max-flows: 20000", "max-flows: 16000000");

        assertThatThrownBy(() -> Fairlead.start(much))
                .hasMessageContaining("`sysctl net.netfilter.nf_conntrack_max=16000000`");
    }

    /// When a listener begins, all of them have to be there and to forward. From then on there are endpoints to be left
    /// out, whatever becomes of an interface.
    @Test
    void anInterfaceThatIsLostKeepsNoChangeAway() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1, 3));
        NetworkLab.run("sysctl", "-qw", "net.ipv4.conf." + lab.linkTo(2) + ".forwarding=0");

        fairlead.command(0, "drain", "app", endpoint(1));
        assertThat(chosen()).containsOnly(3);

        NetworkLab.run("ip", "link", "del", lab.linkTo(2));
        fairlead.command(0, "auto", "app", endpoint(1));
        assertThat(chosen()).contains(1, 3);

        fairlead.command(0, "drain", "--listener", "raw");
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    }

    private List<Integer> chosen() throws Exception {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(server(connect()));
        }
        return all;
    }

    private static String listing(String table) throws Exception {
        return NetworkLab.attempt("nft", "list", "table", "inet", table).text();
    }
}
