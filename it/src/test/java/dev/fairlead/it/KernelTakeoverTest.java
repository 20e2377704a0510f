package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What a process takes over, and what it takes off. Needs root.
class KernelTakeoverTest extends KernelTest {
    private String pinned() throws Exception {
        return NetworkLab.attempt("ls", lab.pins()).text();
    }

    /// Until all listeners have started nobody knows, and a program that does everything takes over; then it does what
    /// is asked for.
    @Test
    void hooksThatNobodyAsksForAreTakenOff() throws Exception {
        String connections = yaml("", ", balancer: round-robin", "", 1);
        String both = connections.replace(
                "upstreams:",
                "  datagrams: {protocol: udp, address: \"%s:%d\", upstream: app, carrier: ebpf}\nupstreams:"
                        .formatted(lab.balancer(), PORT));
        fairlead = Fairlead.start(both);
        Socket held = connect();
        server(held);
        assertThat(pinned()).contains("host_send4", "host_receive4", "fl_peers4");

        fairlead.kill();
        fairlead = Fairlead.start(connections);

        await(() -> Stream.of("host_send", "host_receive", "fl_peers").noneMatch(pinned()::contains));
        assertThat(pinned()).contains("host_4", "host_6");
        echo(held, "still here");
        server(connect());

        fairlead.reload(both, "done");
        assertThat(pinned()).contains("host_send4", "host_receive4", "fl_peers4");
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(WAIT_MILLIS);
            ask(socket);
        }
        echo(held, "and still");
    }

    @Test
    void ofTwoThatStartAtOnceOneHasThePlace() throws Exception {
        String one = yaml("", "", "", 1);
        String other = one.replace(":" + PORT + "\"", ":" + (PORT + 1) + "\"");

        List<CompletableFuture<Fairlead>> both = Stream.of(one, other)
                .map(yaml -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return Fairlead.start(yaml);
                    } catch (java.io.IOException failed) {
                        throw new java.io.UncheckedIOException(failed);
                    }
                }))
                .toList();
        List<Throwable> refused = both.stream()
                .map(each -> each.handle((_, failed) -> failed)
                        .orTimeout(2 * WAIT_MILLIS, TimeUnit.MILLISECONDS)
                        .join())
                .filter(java.util.Objects::nonNull)
                .toList();

        assertThat(refused).hasSize(1);
        assertThat(refused.getFirst()).hasMessageContaining("the Fairlead with process number");
        int winner = both.getFirst().isCompletedExceptionally() ? 1 : 0;
        fairlead = both.get(winner).join();
        server(connect(PORT + winner));
    }
}
