package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.ACK;
import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.sys.Bpf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the program costs for each packet, and what its tables cost to write, without a network: printed, and held to
/// some twenty times of that, which a machine with other work to do does not reach either. `bench/l4-kernel.sh
/// --program` runs it. Needs root.
@Tag("root")
class KernelCostTest {
    private static final String CLIENT = "10.71.0.2:40000";
    private static final String LISTENER = "10.71.100.100:80";
    private static final int RUNS = 2_000;

    /// A run takes one hop off the packet that the next one sees.
    private static final int REPEAT = 200;

    private static final int HOPS = 255;

    private static final int PACKET_NANOS_MAX = 3_000;
    private static final int TABLE_MICROS_MAX = 200_000;
    private static final int START_MILLIS_MAX = 5_000;
    private static final int LISTENERS_MILLIS_MAX = 20_000;

    private final SharedMaps shared = SharedMaps.of();
    private final FamilyMaps v4 = FamilyMaps.of(Family.IPV4, 2 * 65536);
    private final FamilyMaps v6 = FamilyMaps.of(Family.IPV6, 1024);
    private KernelMaps maps;

    @BeforeEach
    void create() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: only root may load programs into Linux");
        maps = KernelMaps.create(shared.all());
        maps.addAll(v4.all());
        maps.addAll(v6.all());
    }

    @AfterEach
    void close() {
        if (maps != null) {
            maps.close();
        }
    }

    @Test
    void aPacketOfAFlow() throws IOException {
        Program program = Translation.program(
                shared, List.of(v4), new Features(Set.of(ServiceEntry.BY_ADDRESS), false, false), Report.LIMIT);
        try (LoadedProgram loaded = maps.load(program)) {
            listen();
            for (Frame frame : List.of(Frame.tcp(CLIENT, LISTENER, ACK), Frame.udp(CLIENT, LISTENER))) {
                byte[] packet = frame.withHops(HOPS).bytes();
                begin(loaded, frame);
                report(frame.transport() + " of an established flow", nanos(loaded, packet, Verdict.REDIRECT));
            }
            byte[] other = Frame.tcp(CLIENT, "10.71.100.101:80", ACK).bytes();
            report("TCP that is not for a listener", nanos(loaded, other, Verdict.NEXT));
        }
    }

    private void listen() throws IOException {
        Tables tables = new Tables(shared, List.of(v4, v6), maps);
        tables.putEndpoint(0, 1, Frame.address("10.71.1.2:8080"), true);
        tables.putTable(1, new int[] {0});
        for (Transport transport : Transport.values()) {
            Service.PortRange ports = new Service.PortRange(0, 1);
            tables.putService(
                    new Service(1, Frame.address(LISTENER), transport, ServiceEntry.BY_ADDRESS, List.of(), ports), 0);
        }
    }

    /// A flow with all that one has that lives, whose packets become what they were: so the same packet can be given
    /// to the program many times. All its work is done, both sums included.
    private void begin(LoadedProgram loaded, Frame frame) throws IOException {
        byte[] first =
                new Frame(frame.source(), frame.destination(), frame.transport(), SYN, HOPS, frame.content()).bytes();
        loaded.test(first, 1);
        FlowEntry names = v4.flow();
        ByteBuffer[] key = {null};
        ByteBuffer entry = maps.of(v4.begun()).value();
        maps.of(v4.begun()).each(v4.begun().entries(), (keys, values, count) -> {
            for (int i = 0; i < count; i++) {
                FlowRead read = new FlowRead(v4).at(keys, values, i);
                boolean isTcp = frame.transport() == Transport.TCP;
                if (!read.isFromEndpoint() && read.isTcp() == isTcp) {
                    key[0] = maps.of(v4.begun()).key();
                    read.copyKey(key[0], 0);
                    entry.put(0, values, i * v4.flows().valueBytes(), v4.flows().valueBytes());
                }
            }
        });
        entry.put(names.source().offset(), frame.source().getAddress().getAddress());
        entry.put(names.destination().offset(), frame.destination().getAddress().getAddress());
        entry.put(names.sourcePort().offset(), key[0], v4.flowKey().sourcePort().offset(), 4);
        entry.putInt(names.addressSum().offset(), -1).putInt(names.portSum().offset(), -1);
        entry.putInt(names.outbound().offset(), 1);
        entry.putLong(names.routedUntil().offset(), Long.MAX_VALUE);
        entry.putInt(names.flags().offset(), FlowEntry.ANSWERED | FlowEntry.ASKED | FlowEntry.PROVED);
        maps.put(v4.flows(), key[0], entry);
    }

    private static int[] nanos(LoadedProgram loaded, byte[] packet, Verdict expected) {
        int[] all = new int[RUNS];
        for (int i = 0; i < RUNS; i++) {
            Bpf.TestRun run = loaded.test(packet, REPEAT);
            assertThat(run.result()).isEqualTo(expected.number());
            all[i] = run.nanos();
        }
        return all;
    }

    private static void report(String what, int[] nanos) {
        Arrays.sort(nanos);
        System.out.printf("%-40s %5d ns at the least, %5d ns the median%n", what, nanos[0], nanos[nanos.length / 2]);
        assertThat(nanos[nanos.length / 2]).as(what).isLessThan(PACKET_NANOS_MAX);
    }

    @Test
    void aTableOf65537Slots() throws IOException {
        Tables tables = new Tables(shared, List.of(v4), maps);
        int[] slots = new int[65537];
        Arrays.setAll(slots, i -> i % 600);
        long[] micros = new long[50];
        for (int i = 0; i < micros.length; i++) {
            long begun = System.nanoTime();
            tables.putTable(1, slots);
            micros[i] = (System.nanoTime() - begun) / 1000;
        }
        System.out.printf("a table of 65,537 slots: the first %.1f ms", micros[0] / 1e3);
        Arrays.sort(micros);
        System.out.printf(", the median %.1f ms%n", micros[micros.length / 2] / 1e3);
        assertThat(micros[micros.length / 2]).isLessThan(TABLE_MICROS_MAX);
        ByteBuffer value = KernelMap.buffer(4);
        assertThat(maps.get(shared.tables(), KernelMap.buffer(4).putInt(0, 1), value))
                .isTrue();
    }

    /// What a start waits for: the maps of a listener, and Linux's verifier.
    @Test
    void aStart() throws IOException {
        Features one = new Features(Set.of(ServiceEntry.BY_ADDRESS), false, false);
        for (int round = 0; round < 3; round++) {
            long begun = System.nanoTime();
            KernelMaps made = KernelMaps.create(shared.all());
            made.addAll(FamilyMaps.forFlows(Family.IPV4, Room.flows()).all());
            long done = System.nanoTime();
            made.close();
            Program program = Translation.program(shared, List.of(v4), one, Report.LIMIT);
            long written = System.nanoTime();
            maps.load(program).close();
            System.out.printf(
                    "a start: maps %.1f ms, %d instructions written in %.1f ms, verified in %.1f ms%n",
                    (done - begun) / 1e6,
                    program.instructions().size(),
                    (written - done) / 1e6,
                    (System.nanoTime() - written) / 1e6);
            assertThat((System.nanoTime() - begun) / 1e6).isLessThan(START_MILLIS_MAX);
        }
    }

    /// A thousand listeners of a hundred endpoints each, as planes write them.
    @Test
    void aThousandListeners() throws IOException {
        Tables tables = new Tables(shared, List.of(v4), maps);
        long begun = System.nanoTime();
        int[] slots = new int[16381];
        for (int listener = 0; listener < 1000; listener++) {
            for (int i = 0; i < 100; i++) {
                String address = "10." + listener / 250 + "." + listener % 250 + "." + i + ":80";
                tables.putEndpoint(100 * listener + i, listener, Frame.address(address), true);
            }
            int first = 100 * listener;
            Arrays.setAll(slots, i -> first + i % 100);
            tables.putTable(listener, slots);
            tables.putService(
                    new Service(
                            listener,
                            Frame.address("10.71.100.100:" + (1000 + listener)),
                            Transport.TCP,
                            ServiceEntry.BY_ADDRESS,
                            List.of(),
                            new Service.PortRange(0, 1)),
                    0);
        }
        double millis = (System.nanoTime() - begun) / 1e6;
        System.out.printf("1,000 listeners of 100 endpoints: written in %.0f ms%n", millis);
        assertThat(millis).isLessThan(LISTENERS_MILLIS_MAX);
        byte[] last = Frame.tcp(CLIENT, "10.71.100.100:1999", SYN).bytes();
        Program program = Translation.program(
                shared, List.of(v4), new Features(Set.of(ServiceEntry.BY_ADDRESS), false, false), Report.LIMIT);
        try (LoadedProgram loaded = maps.load(program)) {
            loaded.test(last, 1);
        }
        int[] begunEntries = {0};
        maps.of(v4.begun()).each(v4.begun().entries(), (keys, values, count) -> begunEntries[0] += count);
        assertThat(begunEntries[0]).isEqualTo(2);
    }
}
