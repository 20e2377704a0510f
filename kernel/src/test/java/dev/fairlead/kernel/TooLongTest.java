package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.ACK;
import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.Interpreter.Outcome;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of packets that their way does not take, run by the interpreter.
class TooLongTest {
    private static final int FITS = 1300;
    private static final int CAME_FROM = 3;

    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families =
            List.of(FamilyMaps.of(Family.IPV4, 1024), FamilyMaps.of(Family.IPV6, 1024));
    private final Interpreter machine =
            new Interpreter(Translation.program(shared, families, Features.ALL, Report.LIMIT));

    @BeforeEach
    void routes() {
        machine.routes(question -> {
            question.putInt(Route.ROUTE.outbound().offset(), 7);
            question.putShort(Route.ROUTE.length().offset(), (short) FITS);
            return Route.FOUND;
        });
    }

    private void listen(String listener, String endpoint) throws IOException {
        listen(listener, endpoint, Transport.TCP);
    }

    private void listen(String listener, String endpoint, Transport transport) throws IOException {
        listen(machine, 1, listener, endpoint, transport);
    }

    private void listen(Interpreter to, int number, String listener, String endpoint, Transport transport)
            throws IOException {
        Tables tables = new Tables(shared, families, to);
        tables.putEndpoint(0, 1, Frame.address(endpoint), true);
        tables.putTable(number, new int[] {0});
        tables.putService(
                new Service(
                        number,
                        Frame.address(listener),
                        transport,
                        ServiceEntry.IN_TURN,
                        List.of(),
                        new Service.PortRange(0, 1)),
                0);
    }

    private static byte[] frame(String source, String destination, int control, int content) {
        return frame(source, destination, Transport.TCP, control, content);
    }

    private static byte[] frame(String source, String destination, Transport transport, int control, int content) {
        return new Frame(Frame.address(source), Frame.address(destination), transport, control, 64, new byte[content])
                .bytes();
    }

    private Outcome run(byte[] frame, UnaryOperator<ByteBuffer> change) {
        Outcome outcome = machine.run(frame, CAME_FROM, change);
        assertThat(outcome.verdict()).isEqualTo(Verdict.REDIRECT.number());
        return outcome;
    }

    private Outcome run(byte[] frame) {
        return run(frame, UnaryOperator.identity());
    }

    private static int toldOf(byte[] report, Family family) {
        ByteBuffer in = ByteBuffer.wrap(report);
        assertThat(in.get(family.transport())).isEqualTo((byte) (family == Family.IPV4 ? 3 : 2));
        assertThat(in.get(family.transport() + 1)).isEqualTo((byte) (family == Family.IPV4 ? 4 : 0));
        return in.getInt(family.transport() + 4);
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 10.71.0.2:4000, 10.71.100.100:80, 10.71.1.2:8080",
        "IPV6, [fd71::2]:4000, [fd71::100]:80, [fd71:1::2]:8080"
    })
    void whoSentItHearsWhatFits(Family family, String client, String listener, String endpoint) throws IOException {
        listen(listener, endpoint);
        run(frame(client, listener, SYN, 0));
        run(frame(endpoint, client, SYN | ACK, 0));

        Outcome toClient = run(frame(client, listener, ACK, FITS));
        Outcome toEndpoint = run(frame(endpoint, client, ACK, FITS));

        for (Outcome each : List.of(toClient, toEndpoint)) {
            assertThat(each.outbound()).isEqualTo(CAME_FROM);
            assertThat(toldOf(each.packet(), family)).isEqualTo(FITS);
            assertThat(Arrays.copyOf(each.packet(), 12))
                    .as("turned round")
                    .containsExactly(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0);
        }
        String ip = Frame.address(listener).getAddress().getHostAddress();
        Report first = Report.read(toClient.packet());
        assertThat(first.source().getHostAddress()).isEqualTo(ip);
        assertThat(first.destination()).isEqualTo(Frame.address(client).getAddress());
        assertThat(first.inside()).endsWith(" > " + ip + ":80");
        Report second = Report.read(toEndpoint.packet());
        assertThat(second.source().getHostAddress()).isEqualTo(ip);
        assertThat(second.destination()).isEqualTo(Frame.address(endpoint).getAddress());
        assertThat(second.inside())
                .endsWith(" > " + Frame.address(client).getAddress().getHostAddress() + ":4000");
    }

    /// Where a sender left its sum to the card, the card writes it, also in the report: it has to be what stood there
    /// when the report's own sum was worked out.
    @ParameterizedTest
    @CsvSource({
        "TCP, 10.71.0.2:4000, 10.71.100.100:80, 10.71.1.2:8080",
        "UDP, 10.71.0.2:4000, 10.71.100.100:80, 10.71.1.2:8080",
        "TCP, [fd71::2]:4000, [fd71::100]:80, [fd71:1::2]:8080",
        "UDP, [fd71::2]:4000, [fd71::100]:80, [fd71:1::2]:8080"
    })
    void aCardThatFinishesTheSumInsideChangesNothing(
            Transport transport, String client, String listener, String endpoint) throws IOException {
        listen(listener, endpoint, transport);
        run(frame(client, listener, transport, SYN, 0));
        Random random = new Random(7);
        for (int i = 0; i < 100; i++) {
            byte[] packet = frame(client, listener, transport, ACK, FITS);
            Family family = Family.of(Frame.address(client).getAddress());
            int sum = family.transport() + transport.checksum();
            ByteBuffer.wrap(packet).putShort(sum, (short) random.nextInt());
            byte[] report = run(packet).packet();
            Report.read(report);
            int inside = 2 * family.transport() - Family.ETHERNET + 8;

            int finished = Frame.sum(ByteBuffer.wrap(report), inside, report.length, 0);
            ByteBuffer.wrap(report).putShort(inside + transport.checksum(), (short) finished);

            Report.read(report);
            assertThat(finished % 0xffff).isEqualTo((ByteBuffer.wrap(packet).getShort(sum) & 0xffff) % 0xffff);
        }
    }

    /// Nobody knows the neighbour, so nobody knows the MAC address; what fits is known all the same.
    @Test
    void whoSentItHearsWhatFitsBeforeTheNeighbourIsKnown() throws IOException {
        machine.routes(question -> {
            question.putInt(Route.ROUTE.outbound().offset(), 7);
            int length =
                    Short.toUnsignedInt(question.getShort(Route.ROUTE.length().offset()));
            if (length <= FITS) {
                return Route.NO_NEIGHBOUR;
            }
            question.putShort(Route.ROUTE.length().offset(), (short) FITS);
            return Route.TOO_LONG;
        });
        listen("10.71.100.100:80", "10.71.1.2:8080", Transport.UDP);

        Outcome tooLong = run(frame("10.71.0.2:4000", "10.71.100.100:80", Transport.UDP, 0, FITS - 27));
        Outcome fitting = run(frame("10.71.0.2:4000", "10.71.100.100:80", Transport.UDP, 0, FITS - 28));

        assertThat(tooLong.outbound()).isEqualTo(CAME_FROM);
        assertThat(toldOf(tooLong.packet(), Family.IPV4)).isEqualTo(FITS);
        assertThat(fitting.outbound()).isEqualTo(7);
        assertThat(fitting.byNeighbour()).isTrue();
    }

    @Test
    void whatFitsToTheByteIsSentOn() throws IOException {
        listen("10.71.100.100:80", "10.71.1.2:8080");
        run(frame("10.71.0.2:4000", "10.71.100.100:80", SYN, 0));

        assertThat(run(frame("10.71.0.2:4000", "10.71.100.100:80", ACK, FITS - 40))
                        .outbound())
                .isEqualTo(7);
        assertThat(run(frame("10.71.0.2:4000", "10.71.100.100:80", ACK, FITS - 39))
                        .outbound())
                .isEqualTo(CAME_FROM);
    }

    /// As many as come in a second, at once after a second without, and then each in its turn.
    @Test
    void reportsHaveALimit() throws IOException {
        Interpreter limited = new Interpreter(Translation.program(shared, families, Features.ALL, 10));
        limited.routes(question -> {
            question.putInt(Route.ROUTE.outbound().offset(), 7);
            question.putShort(Route.ROUTE.length().offset(), (short) FITS);
            return Route.FOUND;
        });
        listen(limited, 1, "10.71.100.100:80", "10.71.1.2:8080", Transport.UDP);
        listen(limited, 2, "10.71.100.101:80", "10.71.1.2:8080", Transport.UDP);
        byte[] one = frame("10.71.0.2:4000", "10.71.100.100:80", Transport.UDP, 0, FITS);
        byte[] other = frame("10.71.0.3:4000", "10.71.100.101:80", Transport.UDP, 0, FITS);

        assertThat(told(limited, one, 30)).isEqualTo(10);
        assertThat(told(limited, other, 30)).as("of another listener").isEqualTo(10);
        limited.nanos(limited.nanos() + 99_999_999);
        assertThat(told(limited, one, 5)).isZero();
        limited.nanos(limited.nanos() + 1);
        assertThat(told(limited, one, 5)).isEqualTo(1);
        limited.nanos(limited.nanos() + 3_600_000_000_000L);
        assertThat(told(limited, one, 30)).isEqualTo(10);
        assertThat(lost(limited, Loss.TOO_LONG)).isEqualTo(21);
        assertThat(lost(limited, Loss.TOO_LONG_UNTOLD)).isEqualTo(49);
    }

    private static int told(Interpreter machine, byte[] frame, int times) {
        int told = 0;
        for (int i = 0; i < times; i++) {
            Outcome outcome = machine.run(frame, CAME_FROM, UnaryOperator.identity());
            if (outcome.verdict() == Verdict.REDIRECT.number()) {
                assertThat(outcome.outbound()).isEqualTo(CAME_FROM);
                told++;
            } else {
                assertThat(outcome.verdict()).isEqualTo(Verdict.DROP.number());
            }
        }
        return told;
    }

    /// Of the first listener.
    private long lost(Interpreter machine, Loss loss) {
        ByteBuffer rows = KernelMap.buffer(shared.losses().map().valueBytes());
        return shared.losses().read(machine, rows).sum(1, loss.field());
    }

    /// Linux joins segments that come in, and takes them apart again where they leave.
    @Test
    void ofJoinedSegmentsEachIsMeasured() throws IOException {
        listen("10.71.100.100:80", "10.71.1.2:8080");
        run(frame("10.71.0.2:4000", "10.71.100.100:80", SYN, 0));
        byte[] joined = frame("10.71.0.2:4000", "10.71.100.100:80", ACK, 20_000);

        assertThat(run(joined, context -> context.putInt(Skb.SEGMENT.offset(), FITS - 40))
                        .outbound())
                .isEqualTo(7);
        assertThat(run(joined, context -> context.putInt(Skb.SEGMENT.offset(), FITS - 39))
                        .outbound())
                .isEqualTo(CAME_FROM);
    }
}
