package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A client and three servers in networks of their own, each behind a link to this host, which stands between them:
/// the servers answer by way of it. Addresses depend on the process, so that runs side by side do not meet. Needs
/// root.
final class NetworkLab implements AutoCloseable {
    static final int SERVERS = 3;

    private static final int KILLED = 128 + 9;

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final long id = ProcessHandle.current().pid();
    private final int count = COUNT.incrementAndGet();
    private final String net = "10." + (140 + id % 50) + "." + id / 50 % 250;
    private final String net6 = "fd7f:" + Long.toHexString(id % 50) + ":" + Long.toHexString(id / 50 % 65536);
    private final List<Namespace> namespaces = new ArrayList<>();

    NetworkLab() throws IOException, InterruptedException {
        try {
            for (int i = 0; i <= SERVERS; i++) {
                link(i);
            }
        } catch (IOException | InterruptedException | AssertionError failed) {
            close();
            throw failed;
        }
    }

    private void link(int i) throws IOException, InterruptedException {
        Namespace there = new Namespace("f" + i + "-" + id + "-" + count);
        namespaces.add(there);
        run("ip", "link", "add", link(there), "type", "veth", "peer", "name", "eth0", "netns", there.name());
        run("ip", "addr", "replace", here(i) + "/26", "dev", link(there));
        run("ip", "addr", "replace", here6(i) + "/64", "dev", link(there), "nodad");
        run("ip", "link", "set", link(there), "up");
        // Of these links alone: what else the host does with packets stays as it is.
        run("sysctl", "-qw", "net.ipv4.conf." + link(there) + ".forwarding=1");
        run("sysctl", "-qw", "net.ipv6.conf." + link(there) + ".forwarding=1");
        // Linux's own way for IPv6 asks for all links or for this, which there is from 6.17 on.
        attempt("sysctl", "-qw", "net.ipv6.conf." + link(there) + ".force_forwarding=1");
        there.run("ip", "addr", "replace", address(i) + "/26", "dev", "eth0");
        there.run("ip", "addr", "replace", address6(i) + "/64", "dev", "eth0", "nodad");
        there.run("ip", "link", "set", "eth0", "up");
        there.run("ip", "route", "replace", "default", "via", here(i));
        there.run("ip", "-6", "route", "replace", "default", "via", here6(i));
    }

    private static String link(Namespace there) {
        return "v" + there.name();
    }

    /// As cards do before a driver has the packet: a program in the driver can finish nothing for a sender. What comes
    /// that way is taken in batches.
    void finishesChecksums() throws IOException, InterruptedException {
        for (Namespace each : namespaces) {
            each.run("ethtool", "-K", "eth0", "tx", "off", "gro", "on");
            run("ethtool", "-K", link(each), "tx", "off");
        }
    }

    /// Each packet travels by itself, as it does on a wire.
    void joinsNoSegments() throws IOException, InterruptedException {
        for (Namespace each : namespaces) {
            each.run("ethtool", "-K", "eth0", "tso", "off", "gso", "off", "gro", "off");
            run("ethtool", "-K", link(each), "tso", "off", "gso", "off", "gro", "off");
        }
    }

    /// Where programs and tables of this lab are pinned: no other Fairlead may have them.
    String pins() {
        return "/sys/fs/bpf/fairlead-" + id + "-" + count;
    }

    /// The same of nftables.
    String table() {
        return "fairlead-" + id + "-" + count;
    }

    /// The link to the client (0) or that server, on this side.
    String linkTo(int number) {
        return link(namespaces.get(number));
    }

    /// The names of the links, for the config.
    String interfaces() {
        return namespaces.stream().map(NetworkLab::link).toList().toString();
    }

    Namespace client() {
        return namespaces.getFirst();
    }

    /// Servers count from 1.
    Namespace server(int number) {
        return namespaces.get(number);
    }

    /// Where the client finds the balancer.
    String balancer() {
        return here(0);
    }

    String balancer6() {
        return here6(0);
    }

    String address(int number) {
        return net + "." + (64 * number + 2);
    }

    String address6(int number) {
        return net6 + ":" + number + "::2";
    }

    /// The balancer as that server or client sees it.
    String here(int number) {
        return net + "." + (64 * number + 1);
    }

    String here6(int number) {
        return net6 + ":" + number + "::1";
    }

    /// Runs a command that must succeed.
    static void run(String... command) throws IOException, InterruptedException {
        Child.Result result = attempt(command);
        assertThat(result.status())
                .as(() -> List.of(command) + ": " + result.text() + result.errors())
                .isZero();
    }

    /// Whatever comes of it. Three of some ten thousand commands that set up labs were killed by nobody knows
    /// whom (status 137): such a one is run once more, and says so. One of them had done its work, so what it
    /// was to make may be there.
    static Child.Result attempt(String... command) throws IOException, InterruptedException {
        Child.Result first = Child.run(Path.of("/"), command);
        if (first.status() != KILLED) {
            return first;
        }
        System.out.println("killed, and run once more: " + List.of(command));
        Child.Result second = Child.run(Path.of("/"), command);
        return second.errors().contains("File exists") ? new Child.Result(0, second.output(), "") : second;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        attempt("rm", "-rf", pins());
        attempt("nft", "delete", "table", "inet", table());
        for (Namespace each : namespaces) {
            // A namespace lasts as long as its last socket, and so would its end of the link.
            attempt("ip", "link", "del", link(each));
            each.close();
        }
    }
}
