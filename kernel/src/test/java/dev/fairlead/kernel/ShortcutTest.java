package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.ACK;
import static dev.fairlead.kernel.Transport.FIN;
import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.Interpreter.Outcome;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.sys.Bpf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is passed on in the driver, and what is left to the whole program.
class ShortcutTest {
    private static final String CLIENT = "10.71.0.2:40000";
    private static final String LISTENER = "10.71.100.100:80";
    private static final String ENDPOINT = "10.71.1.2:8080";
    private static final String CLIENT_6 = "[fd71::2]:40000";
    private static final String LISTENER_6 = "[fd71::100]:80";
    private static final String ENDPOINT_6 = "[fd71:1::2]:8080";
    private static final int PASS = Hook.DRIVER.number(Verdict.NEXT);
    private static final int REDIRECT = Hook.DRIVER.number(Verdict.REDIRECT);

    private final SharedMaps shared = SharedMaps.of();
    private final FamilyMaps v4 = FamilyMaps.of(Family.IPV4, 1024);
    private final FamilyMaps v6 = FamilyMaps.of(Family.IPV6, 1024);
    private final List<FamilyMaps> families = List.of(v4, v6);
    private final Interpreter whole =
            new Interpreter(Translation.program(shared, families, Features.ALL, Report.LIMIT));

    /// Frames of the tests are for the hardware address 0; routes lead to interface 7.
    private final Program program =
            Shortcut.program(shared, families, List.of(new Interface(1, "in", 0), new Interface(7, "out", 6)));

    @BeforeEach
    void flows() throws IOException {
        Tables tables = new Tables(shared, families, whole);
        tables.putEndpoint(0, 1, Frame.address(ENDPOINT), true);
        tables.putEndpoint(1, 2, Frame.address(ENDPOINT_6), true);
        tables.putTable(1, new int[] {0});
        tables.putTable(2, new int[] {1});
        for (Transport transport : Transport.values()) {
            Service.PortRange ports = new Service.PortRange(0, 1);
            tables.putService(
                    new Service(1, Frame.address(LISTENER), transport, ServiceEntry.IN_TURN, List.of(), ports), 0);
            tables.putService(
                    new Service(2, Frame.address(LISTENER_6), transport, ServiceEntry.IN_TURN, List.of(), ports), 0);
        }
        whole.routes(question -> {
            question.putInt(Route.ROUTE.outbound().offset(), 7);
            question.put(Route.ROUTE.toMac().offset(), new byte[] {4, 0, 0, 0, 0, 4});
            return Route.FOUND;
        });
        for (Frame each : List.of(
                Frame.tcp(CLIENT, LISTENER, SYN),
                Frame.tcp(ENDPOINT, CLIENT, SYN | ACK),
                Frame.tcp(CLIENT_6, LISTENER_6, SYN),
                Frame.tcp(ENDPOINT_6, CLIENT_6, SYN | ACK),
                Frame.udp(CLIENT, LISTENER),
                Frame.udp(ENDPOINT, CLIENT),
                Frame.udp(CLIENT, LISTENER))) {
            whole.run(each.bytes());
        }
        for (String[] each : new String[][] {{CLIENT, LISTENER}, {CLIENT_6, LISTENER_6}}) {
            byte[] ack = Frame.tcp(each[0], each[1], ACK).bytes();
            // What the client acknowledges of the endpoint's SYN, whose number is 0 in these frames.
            ack[ack.length - 5 - 9] = 1;
            assertThat(whole.run(ack).verdict()).isEqualTo(Verdict.REDIRECT.number());
        }
    }

    private Interpreter driver() {
        Interpreter machine = new Interpreter(program);
        machine.nanos(whole.nanos());
        families.forEach(family ->
                whole.entries(family.flows()).forEach((key, value) -> machine.put(family.flows(), key, value)));
        return machine;
    }

    @Test
    void makesOfThePacketsOfAFlowWhatTheWholeProgramMakesOfThem() {
        Interpreter machine = driver();
        for (Frame each : List.of(
                Frame.tcp(CLIENT, LISTENER, ACK),
                Frame.tcp(ENDPOINT, CLIENT, ACK),
                Frame.tcp(CLIENT, LISTENER, FIN | ACK),
                Frame.tcp(CLIENT_6, LISTENER_6, ACK),
                Frame.tcp(ENDPOINT_6, CLIENT_6, ACK),
                Frame.udp(CLIENT, LISTENER),
                Frame.udp(ENDPOINT, CLIENT))) {
            Outcome outcome = machine.run(each.bytes());

            assertThat(outcome.verdict()).as(each.text()).isEqualTo(REDIRECT);
            assertThat(outcome.outbound()).isEqualTo(7);
            assertThat(outcome.packet()).isEqualTo(whole.run(each.bytes()).packet());
            Frame.read(outcome.packet());
        }
        for (FamilyMaps family : families) {
            whole.entries(family.flows())
                    .forEach((key, value) -> assertThat(machine.entries(family.flows())
                                    .get(key)
                                    .getInt(family.flow().flags().offset()))
                            .isEqualTo(value.getInt(family.flow().flags().offset())));
        }
    }

    @Test
    void leavesEverythingElseAsItCame() {
        Interpreter machine = driver();
        byte[] ofOtherHost = Frame.tcp(CLIENT, LISTENER, ACK).bytes();
        ofOtherHost[5] = 9;
        byte[] fragment = Frame.udp(CLIENT, LISTENER).bytes();
        fragment[20] = 0;
        fragment[21] = 9;
        for (byte[] each : List.of(
                Frame.tcp(CLIENT, LISTENER, SYN).bytes(),
                Frame.tcp("10.71.0.2:40001", LISTENER, ACK).bytes(),
                Frame.tcp(CLIENT, LISTENER, ACK).withHops(1).bytes(),
                Report.about(Frame.tcp(CLIENT, ENDPOINT, ACK).bytes(), null),
                ofOtherHost,
                fragment)) {
            Outcome outcome = machine.run(each);

            assertThat(outcome.verdict()).isEqualTo(PASS);
            assertThat(outcome.packet()).isEqualTo(each);
        }
        byte[] known = Frame.tcp(CLIENT, LISTENER, ACK).bytes();
        machine.nanos(whole.nanos() + Way.ROUTE_NANOS + 1);
        assertThat(machine.run(known).verdict()).as("its way is old").isEqualTo(PASS);
    }

    private static List<byte[]> packets() {
        return List.of(
                Frame.tcp(CLIENT, LISTENER, ACK).bytes(),
                Frame.tcp(ENDPOINT, CLIENT, ACK).bytes(),
                Frame.udp(CLIENT, LISTENER).bytes(),
                Frame.udp(ENDPOINT, CLIENT).bytes(),
                Frame.tcp(CLIENT_6, LISTENER_6, ACK).bytes(),
                Frame.tcp(ENDPOINT_6, CLIENT_6, ACK).bytes());
    }

    @Test
    void damagedPacketsAreLeftToTheWholeProgram() {
        Interpreter machine = driver();
        fuzz(machine::run);
    }

    /// The bytes that Linux has verified and compiled make the same of every packet as the interpreter does.
    @Test
    @Tag("root")
    void linuxAndTheInterpreterMakeTheSameOfEveryPacket() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: only root may load programs into Linux");
        // Linux has a clock of its own.
        families.forEach(family -> whole.entries(family.flows())
                .values()
                .forEach(entry -> entry.putLong(family.flow().routedUntil().offset(), Long.MAX_VALUE)));
        Interpreter machine = driver();
        try (KernelMaps maps = KernelMaps.create(program.maps());
                LoadedProgram loaded = maps.load(program)) {
            for (FamilyMaps family : families) {
                for (Map.Entry<ByteBuffer, ByteBuffer> each :
                        whole.entries(family.flows()).entrySet()) {
                    maps.put(
                            family.flows(),
                            KernelMap.buffer(family.flows().keyBytes())
                                    .put(0, each.getKey(), 0, family.flows().keyBytes()),
                            KernelMap.buffer(family.flows().valueBytes())
                                    .put(0, each.getValue(), 0, family.flows().valueBytes()));
                }
            }
            for (byte[] each : packets()) {
                assertThat(loaded.test(each, 1).result()).isEqualTo(REDIRECT);
            }
            fuzz(packet -> {
                Outcome outcome = machine.run(packet);
                Bpf.TestRun run = loaded.test(packet, 1);
                assertThat(run.result())
                        .as(() -> HexFormat.of().formatHex(packet))
                        .isEqualTo(outcome.verdict());
                assertThat(run.packet())
                        .as(() -> HexFormat.of().formatHex(packet))
                        .isEqualTo(outcome.packet());
                return outcome;
            });
        }
    }

    /// What is not sound is passed on by nobody.
    private static void fuzz(Function<byte[], Outcome> run) {
        Random random = new Random(5);
        int passedOn = 0;
        for (byte[] packet : packets()) {
            for (int length = 14; length < packet.length; length++) {
                assertThat(run.apply(Arrays.copyOf(packet, length)).verdict()).isEqualTo(PASS);
            }
            for (int i = 0; i < 3_000; i++) {
                byte[] damaged = Damage.of(packet, 0, random);
                Outcome outcome = run.apply(damaged);
                if (Damage.isSound(damaged)) {
                    assertThat(outcome.verdict()).isIn(PASS, REDIRECT);
                    passedOn += outcome.verdict() == REDIRECT ? 1 : 0;
                } else {
                    assertThat(outcome.verdict()).isEqualTo(PASS);
                }
            }
        }
        assertThat(passedOn).isPositive();
    }
}
