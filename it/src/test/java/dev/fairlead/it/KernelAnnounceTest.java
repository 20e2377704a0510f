package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An address that nobody has: the client can only reach it because it was told where it is. Needs root.
class KernelAnnounceTest extends KernelTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void neighboursAreToldWhereAnAddressIs(boolean is6) throws Exception {
        String beside = is6 ? lab.balancer6() : lab.balancer();
        String address = beside.substring(0, beside.length() - 1) + "9";
        // Only who is asked to does remember an address that it has not asked for.
        lab.client().run("sysctl", "-qw", "net.ipv4.conf.eth0.arp_accept=1");
        lab.client().run("sysctl", "-qw", "net.ipv6.conf.eth0.forwarding=1");
        lab.client().run("sysctl", "-qw", "net.ipv6.conf.eth0.accept_untracked_na=1");

        fairlead = Fairlead.start("""
                listeners:
                  raw: {protocol: tcp, address: "%s:%d", upstream: app, carrier: %s}
                upstreams:
                  app: {endpoints: ["%s:%d"]}
                %s
                """.formatted(
                        is6 ? '[' + address + ']' : address,
                        PORT,
                        carrier(),
                        is6 ? '[' + lab.address6(1) + ']' : lab.address(1),
                        EchoServer.PORT,
                        shared(", announce: " + lab.linkTo(0))));

        await(() -> NetworkLab.attempt("ip", "-n", lab.client().name(), "neigh", "show", address)
                .text()
                .contains("lladdr"));
        if (is6) {
            // What was learnt unasked is asked for again before long, and nobody here answers that.
            return;
        }
        Socket socket = connect(address);
        assertThat(server(socket)).isEqualTo(1);
        echo(socket, "hello");
    }
}
