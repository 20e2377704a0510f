package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Interfaces go and come while Linux carries. Needs root.
class KernelInterfacesTest extends KernelTest {
    /// The balancers are of different programs.
    private String yaml(String way, String balancer, int... endpoints) {
        return yaml("", ", balancer: " + balancer, ", " + way, endpoints);
    }

    /// Takes away the link to a server, and its end of it.
    private void cut(int number) throws IOException, InterruptedException {
        NetworkLab.run("ip", "link", "del", lab.linkTo(number));
    }

    /// A new link to it under the old name, for IPv4.
    private void join(int number) throws IOException, InterruptedException {
        String link = lab.linkTo(number);
        Namespace there = lab.server(number);
        NetworkLab.run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", there.name());
        NetworkLab.run("ip", "addr", "replace", lab.here(number) + "/26", "dev", link);
        NetworkLab.run("ip", "link", "set", link, "up");
        NetworkLab.run("sysctl", "-qw", "net.ipv4.conf." + link + ".forwarding=1");
        there.run("ip", "addr", "replace", lab.address(number) + "/26", "dev", "eth0");
        there.run("ip", "link", "set", "eth0", "up");
        there.run("ip", "route", "replace", "default", "via", lab.here(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach: auto", "attach: clsact", "acceleration: xdp", "routing: host"})
    void oneThatIsGoneTakesNothingElseWithIt(String way) throws Exception {
        lab.finishesChecksums();
        fairlead = Fairlead.start(yaml(way, "round-robin", 1, 2, 3));
        Socket held = connect();
        assertThat(server(held)).isEqualTo(1);

        cut(3);
        fairlead.reload(yaml(way, "random", 1, 2), "done");

        assertThat(fairlead.log()).contains("there is no network interface " + lab.linkTo(3));
        echo(held, "still here");
        assertThat(server(connect())).isIn(1, 2);

        join(3);
        lab.finishesChecksums();
        fairlead.reload(yaml(way, "maglev", 3), "done");

        Socket fresh = connect();
        assertThat(server(fresh)).isEqualTo(3);
        echo(fresh, "by the new one");
        echo(held, "and still");
        assertThat(fairlead.log()).doesNotContain("Linux did not take a change");
    }

    /// A listener that comes is no different from a change: nobody looks for what is not there.
    @ParameterizedTest
    @ValueSource(strings = {"attach: auto", "attach: clsact"})
    void aDrainedListenerOpensWithoutIt(String way) throws Exception {
        fairlead = Fairlead.start(yaml(way, "round-robin", 1, 2));
        fairlead.command(0, "drain", "--listener", "raw");
        cut(3);
        fairlead.command(0, "auto", "--listener", "raw");

        assertThat(server(connect())).isIn(1, 2);
    }
}
