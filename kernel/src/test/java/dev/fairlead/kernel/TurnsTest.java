package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.ACK;
import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How the rounds of endpoints and of source ports go on when they have gone on for long, run by the interpreter.
class TurnsTest {
    private static final String LISTENER = "10.71.100.100:80";
    private static final int FIRST = 10000;

    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families = List.of(FamilyMaps.of(Family.IPV4, 1024));
    private final Program program = Translation.program(shared, families, Features.ALL, Report.LIMIT);
    private final Interpreter machine = new Interpreter(program);
    private final Tables tables = new Tables(shared, families, machine);
    private int clients;

    @BeforeEach
    void endpoints() throws IOException {
        for (int i = 0; i < 3; i++) {
            tables.putEndpoint(i, 1, Frame.address("10.71." + (1 + i) + ".2:8080"), true);
        }
        machine.routes(question -> Route.FOUND);
    }

    private void listen(int[] table, int ports, String... sources) throws IOException {
        tables.putTable(1, table);
        List<InetAddress> from =
                List.of(sources).stream().map(InetAddress::ofLiteral).toList();
        tables.putService(
                new Service(
                        1,
                        Frame.address(LISTENER),
                        Transport.TCP,
                        ServiceEntry.IN_TURN,
                        from,
                        new Service.PortRange(FIRST, ports)),
                0);
    }

    private void turn(Field round, long number) {
        ByteBuffer index = KernelMap.buffer(4).putInt(0, 1);
        ByteBuffer turns = KernelMap.buffer(SharedMaps.TURNS.size());
        machine.get(shared.turns(), index, turns);
        machine.put(shared.turns(), index, turns.putLong(round.offset(), number));
    }

    private Frame begun() {
        return begun(machine);
    }

    /// Of another client each time.
    private Frame begun(Interpreter processor) {
        byte[] syn = syn();
        Interpreter.Outcome outcome = processor.run(syn);
        assertThat(outcome.verdict()).as("the flow " + clients).isEqualTo(Verdict.REDIRECT.number());
        return Frame.read(outcome.packet());
    }

    private byte[] syn() {
        int number = clients++;
        return Frame.tcp("10.72." + number / 250 + "." + number % 250 + ":40000", LISTENER, SYN)
                .bytes();
    }

    @Test
    void endpointsHaveTheirTurnsAlsoAfterFourThousandMillionFlows() throws IOException {
        listen(new int[] {0, 1, 2}, 1);
        for (long turns : new long[] {(1L << 32) - 2, 1L << 32, (5L << 32) + 7}) {
            turn(SharedMaps.TURN, turns);
            Set<InetAddress> chosen = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                chosen.add(begun().destination().getAddress());
            }
            assertThat(chosen).as("from turn " + turns + " on").hasSize(3);
        }
    }

    @Test
    void freePortsAreFoundBehindThoseThatAreHeld() throws IOException {
        int ports = 16;
        int held = 12;
        listen(new int[] {0}, ports, "10.71.9.1");
        for (int i = 0; i < held; i++) {
            assertThat(begun().source().getPort()).isEqualTo(FIRST + i);
        }
        turn(SharedMaps.PORT_TURN, 0);

        List<Integer> found = new ArrayList<>();
        for (int i = held; i < ports; i++) {
            found.add(begun().source().getPort());
        }

        assertThat(found).containsExactlyInAnyOrder(FIRST + 12, FIRST + 13, FIRST + 14, FIRST + 15);
        assertThat(machine.run(syn()).verdict()).isEqualTo(Verdict.DROP.number());
    }

    /// A burst of connections that last has a third of the usual range; the turn comes round.
    @Test
    void noFlowIsLostWhileThereAreManyFreePorts() throws IOException {
        int held = 10_000;
        listen(new int[] {0}, 31_744, "10.71.9.1");
        for (int i = 0; i < held; i++) {
            begun();
        }
        turn(SharedMaps.PORT_TURN, 0);

        for (int i = 0; i < held / 2; i++) {
            assertThat(begun().source().getPort()).isGreaterThanOrEqualTo(FIRST + held);
        }
    }

    /// The endpoint may still remember who had the one before.
    @Test
    void aPortThatIsHeldIsPassedByWithoutAJump() throws IOException {
        listen(new int[] {0}, 16, "10.71.9.1", "10.71.9.2");
        begun();
        turn(SharedMaps.PORT_TURN, 0);

        assertThat(begun().source().getPort()).isEqualTo(FIRST + 1);
        assertThat(begun().source().getPort()).isEqualTo(FIRST + 2);
    }

    @Test
    void aPortThatAnotherProcessorJustGaveAwayIsLeftToItsFlow() throws IOException {
        listen(new int[] {0}, 16, "10.71.9.1");
        Interpreter other = new Interpreter(program, machine);
        other.routes(question -> Route.FOUND);
        machine.meanwhile(() -> {
            turn(SharedMaps.PORT_TURN, 0);
            assertThat(begun(other).source().getPort()).isEqualTo(FIRST);
        });

        byte[] syn = syn();
        assertThat(machine.run(syn).verdict()).isEqualTo(Verdict.DROP.number());

        Counters.Reader losses = shared.losses()
                .read(machine, KernelMap.buffer(shared.losses().map().valueBytes()));
        assertThat(losses.sum(1, Loss.CLASH.field())).isEqualTo(1);
        Frame answer = Frame.tcp("10.71.1.2:8080", "10.71.9.1:" + FIRST, SYN | ACK);
        assertThat(Frame.read(machine.run(answer.bytes()).packet()).text()).isEqualTo(LISTENER + " > 10.72.0.1:40000");
        assertThat(Frame.read(machine.run(syn).packet()).source().getPort())
                .as("sent again")
                .isEqualTo(FIRST + 1);
    }
}
