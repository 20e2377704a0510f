package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.Interpreter.Outcome;
import dev.fairlead.kernel.bpf.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of errors that ICMP reports, run by the interpreter.
class ErrorReportTest {
    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families =
            List.of(FamilyMaps.of(Family.IPV4, 1024), FamilyMaps.of(Family.IPV6, 1024));
    private final Interpreter machine =
            new Interpreter(Translation.program(shared, families, Features.ALL, Report.LIMIT));

    private void listen(String listener, String endpoint) throws IOException {
        listen(Transport.TCP, listener, endpoint);
    }

    private void listen(Transport transport, String listener, String endpoint, String... sources) throws IOException {
        Tables tables = new Tables(shared, families, machine);
        tables.putEndpoint(0, 1, Frame.address(endpoint), true);
        tables.putTable(1, new int[] {0});
        tables.putService(
                new Service(
                        1,
                        Frame.address(listener),
                        transport,
                        ServiceEntry.IN_TURN,
                        Stream.of(sources).map(InetAddress::ofLiteral).toList(),
                        new Service.PortRange(10000, 1)),
                0);
    }

    private byte[] forwarded(byte[] frame) {
        Outcome outcome = machine.run(frame);
        assertThat(outcome.verdict()).isEqualTo(Verdict.REDIRECT.number());
        return outcome.packet();
    }

    private static String ip(String address) {
        return Frame.address(address).getAddress().getHostAddress();
    }

    @ParameterizedTest
    @CsvSource({
        "10.71.0.2:4000, 10.71.100.100:80, 10.71.1.2:8080, 10.71.9.9",
        "[fd71::2]:4000, [fd71::100]:80, [fd71:1::2]:8080, fd71:9::9"
    })
    void whoSentThePacketHearsOfItAsHeKnowsIt(String client, String listener, String endpoint, String router)
            throws IOException {
        listen(listener, endpoint);
        byte[] there = forwarded(Frame.tcp(client, listener, Transport.SYN).bytes());
        byte[] back = forwarded(
                Frame.tcp(endpoint, client, Transport.SYN | Transport.ACK).bytes());
        InetAddress between = InetAddress.ofLiteral(router);

        Report toClient = Report.read(forwarded(Report.about(there, null)));
        Report toEndpoint = Report.read(forwarded(Report.about(back, null)));
        Report byRouter = Report.read(forwarded(Report.about(back, between)));

        assertThat(toClient.source().getHostAddress()).isEqualTo(ip(listener));
        assertThat(toClient.destination().getHostAddress()).isEqualTo(ip(client));
        assertThat(toClient.inside()).isEqualTo(ip(client) + ":4000 > " + ip(listener) + ":80");
        assertThat(toEndpoint.destination().getHostAddress()).isEqualTo(ip(endpoint));
        assertThat(toEndpoint.inside()).isEqualTo(ip(endpoint) + ":8080 > " + ip(client) + ":4000");
        assertThat(byRouter.source()).isEqualTo(between);
        assertThat(byRouter.inside()).isEqualTo(toEndpoint.inside());
    }

    /// An address of this host stands in the packet inside, and the client knows nothing of it.
    @ParameterizedTest
    @CsvSource({
        "10.71.0.2:4000, 10.71.100.100:80, 10.71.1.2:8080, 10.71.9.1, 10.71.9.9",
        "[fd71::2]:4000, [fd71::100]:80, [fd71:1::2]:8080, fd71:8::1, fd71:9::9"
    })
    void aClientHearsOfItsDatagramThatLeftUnderASource(
            String client, String listener, String endpoint, String source, String router) throws IOException {
        listen(Transport.UDP, listener, endpoint, source);
        byte[] there = forwarded(Frame.udp(client, listener).bytes());
        String seen = client.replaceAll(".*:4000", source.contains(":") ? "[" + source + "]:10000" : source + ":10000");
        byte[] back = forwarded(Frame.udp(endpoint, seen).bytes());
        InetAddress between = InetAddress.ofLiteral(router);

        Report byEndpoint = Report.read(forwarded(Report.about(there, null)));
        Report byRouter = Report.read(forwarded(Report.about(there, between)));
        Report byClient = Report.read(forwarded(Report.about(back, null)));

        assertThat(byEndpoint.source().getHostAddress()).isEqualTo(ip(listener));
        assertThat(byEndpoint.destination().getHostAddress()).isEqualTo(ip(client));
        assertThat(byEndpoint.inside()).isEqualTo(ip(client) + ":4000 > " + ip(listener) + ":80");
        assertThat(byRouter.source()).isEqualTo(between);
        assertThat(byRouter.inside()).isEqualTo(byEndpoint.inside());
        assertThat(byClient.source().getHostAddress()).isEqualTo(ip(seen));
        assertThat(byClient.destination().getHostAddress()).isEqualTo(ip(endpoint));
        assertThat(byClient.inside()).isEqualTo(ip(endpoint) + ":8080 > " + ip(seen) + ":10000");
    }

    @Test
    void aReportOfNoFlowGoesToTheHost() throws IOException {
        listen("10.71.100.100:80", "10.71.1.2:8080");
        byte[] stranger =
                Frame.tcp("10.71.100.100:81", "10.71.0.2:4000", Transport.ACK).bytes();

        assertThat(machine.run(Report.about(stranger, null)).verdict()).isEqualTo(Verdict.NEXT.number());
    }

    /// No access out of bounds, whatever is in it.
    @Test
    void damagedReportsDoNoHarm() throws IOException {
        listen("10.71.100.100:80", "10.71.1.2:8080");
        byte[] there = forwarded(
                Frame.tcp("10.71.0.2:4000", "10.71.100.100:80", Transport.SYN).bytes());
        byte[] whole = Report.about(there, null);
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = java.util.Arrays.copyOf(whole, 14 + random.nextInt(whole.length - 13));
            for (int hits = random.nextInt(4); hits > 0; hits--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            assertThat(machine.run(damaged).verdict())
                    .isIn(Verdict.NEXT.number(), Verdict.DROP.number(), Verdict.REDIRECT.number());
        }
    }
}
