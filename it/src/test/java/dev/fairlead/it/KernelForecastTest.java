package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of a flow that has not begun, and of those that have: Linux does as was told.
class KernelForecastTest extends KernelTest {
    private static final int CLIENTS = 8;

    private String maglev(boolean is6) {
        String udp = yaml("", ", balancer: {algorithm: maglev, key: source-address-and-port}", "", 1, 2, 3)
                .replace("protocol: tcp", "protocol: udp");
        if (!is6) {
            return udp;
        }
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            udp = udp.replace('"' + endpoint(i) + '"', "\"[" + lab.address6(i) + "]:" + EchoServer.PORT + '"');
        }
        return udp.replace(lab.balancer(), "[" + lab.balancer6() + "]");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientGoesWhereItWasSaidThatItWould(boolean is6) throws Exception {
        fairlead = Fairlead.start(maglev(is6));
        String address = is6 ? lab.balancer6() : lab.balancer();
        String url = "udp://" + (is6 ? "[" + address + "]" : address) + ":" + PORT;
        for (int i = 0; i < CLIENTS; i++) {
            try (DatagramSocket client = lab.client().call(() -> new DatagramSocket())) {
                client.setSoTimeout(WAIT_MILLIS);
                String from = (is6 ? "[" + lab.address6(0) + "]" : lab.address(0)) + ":" + client.getLocalPort();
                String told = fairlead.command(0, "explain", url, "--from", from);
                String byFile = fairlead.command(
                        0, "explain", url, "--from", from, "--config", fairlead.home() + "/fairlead.yaml");
                int server = ask(client, address);

                String name = (is6 ? "[" + lab.address6(server) + "]" : lab.address(server)) + ":" + EchoServer.PORT;
                // The name as Fairlead writes it is in the list of flows.
                String flows = fairlead.admin("/flows?client=" + from);
                assertThat(flows).contains("\"why\" : \"balancer\"");
                String written = flows.replaceAll("(?s).*\"endpoint\" : \"([^\"]*)\".*", "$1");
                assertThat(is6 ? written : name).isEqualTo(written);
                assertThat(told).contains("(udp, " + carrier() + ")", "endpoint  " + written, "maglev: slot ");
                assertThat(byFile).contains("(udp, " + carrier() + ")", "endpoint  " + written, "maglev: slot ");
                assertThat(fairlead.admin("/flows?client=10.255.255.1")).doesNotContain("why");
            }
        }
    }

    @Test
    void aFlowIsHeldByAnEndpointThatDrains() throws Exception {
        fairlead = Fairlead.start(yaml("", ", balancer: round-robin", "", 1));
        Socket held = connect();
        server(held);
        echo(held, "hello");
        await(() -> fairlead.admin("/flows").contains("\"why\" : \"balancer\""));
        String url = "tcp://" + lab.balancer() + ":" + PORT;
        assertThat(fairlead.command(0, "explain", url, "--client", lab.address(0)))
                .contains("endpoint  " + endpoint(1), "round-robin: the next of 1 slots");

        fairlead.command(0, "drain", "app", endpoint(1));
        await(() -> fairlead.admin("/flows?client=" + lab.address(0)).contains("\"why\" : \"held\""));
        assertThat(fairlead.command(0, "explain", url)).contains("endpoint  none", "drain by hand");
    }
}
