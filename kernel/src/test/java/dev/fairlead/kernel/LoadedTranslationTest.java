package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Maps;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.kernel.bpf.VerifierRefusal;
import dev.fairlead.sys.Bpf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The program as Linux has verified and compiled it, run on single packets. Needs root.
@Tag("root")
class LoadedTranslationTest {
    private static final String CLIENT = "10.71.0.2:40000";
    private static final String LISTENER = "10.71.100.100:80";

    /// Linux forgets what is old when a table is full, and the interpreter does not.
    private static final int ENTRIES = 1 << 16;

    private final SharedMaps shared = SharedMaps.of();
    private final FamilyMaps v4 = FamilyMaps.of(Family.IPV4, ENTRIES);
    private final FamilyMaps v6 = FamilyMaps.of(Family.IPV6, ENTRIES);
    private final Program program = Translation.program(shared, List.of(v4, v6), Features.ALL, Report.LIMIT);
    private KernelMaps maps;
    private LoadedProgram loaded;

    @BeforeEach
    void load() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: only root may load programs into Linux");
        maps = KernelMaps.create(program.maps());
        loaded = maps.load(program);
        listen(maps);
    }

    @AfterEach
    void close() {
        if (loaded != null) {
            loaded.close();
        }
        if (maps != null) {
            maps.close();
        }
    }

    private void listen(Maps to) throws IOException {
        Tables tables = new Tables(shared, List.of(v4, v6), to);
        for (int i = 0; i < 3; i++) {
            tables.putEndpoint(i, 1, Frame.address("10.71." + (1 + i) + ".2:8080"), true);
            tables.putEndpoint(3 + i, 1, Frame.address("[fd71:" + (1 + i) + "::2]:8080"), true);
        }
        tables.putTable(1, new int[] {0, 1, 2});
        tables.putTable(2, new int[] {3, 4, 5});
        Service.PortRange ports = new Service.PortRange(10000, 100);
        for (Transport transport : Transport.values()) {
            tables.putService(
                    new Service(1, Frame.address(LISTENER), transport, ServiceEntry.BY_ADDRESS, List.of(), ports), 0);
            tables.putService(
                    new Service(
                            2,
                            Frame.address("[fd71::100]:80"),
                            transport,
                            ServiceEntry.BY_ADDRESS_AND_PORT,
                            List.of(),
                            ports),
                    0);
        }
    }

    /// Each flow is begun, its way is written into its entries as if it had been found, and then the packets are equal,
    /// octet by octet.
    @Test
    void linuxAndTheInterpreterMakeTheSameOfEveryPacket() throws IOException {
        var interpreter = new Interpreter(program);
        listen(interpreter);
        interpreter.routes(question -> 4);
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            packets.add(Frame.tcp("10.71.0." + i + ":4000", LISTENER, SYN).bytes());
            packets.add(Frame.udp("10.71.0." + i + ":4000", LISTENER).bytes());
            packets.add(
                    Frame.tcp("[fd71::" + i + "]:4000", "[fd71::100]:80", SYN).bytes());
            packets.add(Frame.udp("[fd71::" + i + "]:4000", "[fd71::100]:80").bytes());
        }
        for (byte[] each : packets) {
            assertThat(loaded.test(each, 1).result())
                    .isEqualTo(interpreter.run(each).verdict());
        }
        for (FamilyMaps family : List.of(v4, v6)) {
            for (ByteBuffer key : interpreter.entries(family.begun()).keySet()) {
                findWay(interpreter, family, key, 0);
                findWay(maps, family, key, 0);
            }
        }

        for (byte[] each : packets) {
            Bpf.TestRun run = loaded.test(each, 1);
            Interpreter.Outcome outcome = interpreter.run(each);
            assertThat(run.result()).isEqualTo(Verdict.REDIRECT.number());
            assertThat(outcome.verdict()).isEqualTo(Verdict.REDIRECT.number());
            assertThat(run.packet()).isEqualTo(outcome.packet());
            Frame.read(run.packet());
            byte[] report = Report.about(run.packet(), null);
            assertThat(loaded.test(report, 1).result())
                    .isEqualTo(interpreter.run(report).verdict());
        }
        // Those of the packets above go back to the clients, by the entries of the other direction.
        byte[] report = Report.about(loaded.test(packets.getFirst(), 1).packet(), null);
        assertThat(loaded.test(report, 1).packet())
                .isEqualTo(interpreter.run(report).packet());
        Report.read(loaded.test(report, 1).packet());
    }

    /// `fits`: 0 is not known.
    private static void findWay(Maps in, FamilyMaps family, ByteBuffer key, int fits) throws IOException {
        ByteBuffer direct = KernelMap.buffer(family.begun().keyBytes()).put(0, key, 0, key.capacity());
        ByteBuffer entry = KernelMap.buffer(family.begun().valueBytes());
        assertThat(in.get(family.begun(), direct, entry)).isTrue();
        entry.putInt(family.flow().outbound().offset(), 1);
        entry.putInt(family.flow().fits().offset(), fits);
        entry.putLong(family.flow().routedUntil().offset(), Long.MAX_VALUE);
        in.put(family.begun(), direct, entry);
    }

    /// Those of flows that have a way, so that what should not be passed on could be.
    @Test
    void ofDamagedPacketsTooTheyMakeTheSame() throws IOException {
        Random random = new Random(3);
        var interpreter = new Interpreter(program);
        listen(interpreter);
        interpreter.routes(question -> 4);
        List<byte[]> packets = List.of(
                Frame.tcp(CLIENT, LISTENER, SYN).bytes(),
                Frame.udp(CLIENT, LISTENER).bytes(),
                Frame.tcp("[fd71::2]:4000", "[fd71::100]:80", SYN).bytes(),
                Frame.udp("[fd71::2]:4000", "[fd71::100]:80").bytes());
        packets.forEach(each -> both(interpreter, each));
        for (FamilyMaps family : List.of(v4, v6)) {
            for (ByteBuffer key :
                    List.copyOf(interpreter.entries(family.begun()).keySet())) {
                findWay(interpreter, family, key, 0);
                findWay(maps, family, key, 0);
            }
        }
        List<byte[]> all = new ArrayList<>(packets);
        packets.forEach(each -> all.add(Report.about(loaded.test(each, 1).packet(), null)));
        for (byte[] whole : all) {
            // Linux runs no program on less than a header of IP.
            for (int length = whole[12] == 8 ? 34 : 54; length < whole.length; length++) {
                assertThat(both(interpreter, Arrays.copyOf(whole, length))).isEqualTo(Verdict.NEXT.number());
            }
            for (int i = 0; i < 2_000; i++) {
                byte[] damaged = Damage.of(whole, 14, random);
                int verdict = both(interpreter, damaged);
                if (!Damage.isSound(damaged)) {
                    assertThat(verdict).isEqualTo(Verdict.NEXT.number());
                }
            }
        }
    }

    /// What Linux and the interpreter say of a packet, which is the same.
    private int both(Interpreter interpreter, byte[] packet) {
        Bpf.TestRun run = loaded.test(packet, 1);
        Interpreter.Outcome outcome = interpreter.run(packet);
        assertThat(run.result()).as(() -> HexFormat.of().formatHex(packet)).isEqualTo(outcome.verdict());
        assertThat(run.packet()).as(() -> HexFormat.of().formatHex(packet)).isEqualTo(outcome.packet());
        return run.result();
    }

    /// By Linux's clock, so nobody knows how many are told.
    @Test
    void reportsOfWhatIsTooLongHaveALimit() throws IOException {
        Program limited = Translation.program(shared, List.of(v4, v6), Features.ALL, 1);
        for (String[] ends : new String[][] {{CLIENT, LISTENER}, {"[fd71::2]:40000", "[fd71::100]:80"}}) {
            Family family = Family.of(Frame.address(ends[0]).getAddress());
            FamilyMaps names = family == Family.IPV4 ? v4 : v6;
            byte[] datagram = new Frame(
                            Frame.address(ends[0]), Frame.address(ends[1]), Transport.UDP, 0, 64, new byte[1000])
                    .bytes();
            var interpreter = new Interpreter(program);
            listen(interpreter);
            interpreter.routes(question -> 4);
            interpreter.run(datagram);
            loaded.test(datagram, 1);
            for (ByteBuffer key : interpreter.entries(names.begun()).keySet()) {
                findWay(maps, names, key, 600);
            }

            int told = 0;
            try (LoadedProgram running = maps.load(limited)) {
                for (int i = 0; i < 1000; i++) {
                    Bpf.TestRun run = running.test(datagram, 1);
                    assertThat(run.result()).isIn(Verdict.REDIRECT.number(), Verdict.DROP.number());
                    if (run.result() == Verdict.REDIRECT.number()) {
                        Report.read(run.packet());
                        told++;
                    }
                }
            }

            assertThat(told).isBetween(1, 999);
            int service = family == Family.IPV4 ? 1 : 2;
            assertThat(lost(service, Loss.TOO_LONG)).isEqualTo(told);
            assertThat(lost(service, Loss.TOO_LONG_UNTOLD)).isEqualTo(1000 - told);
        }
    }

    private long lost(int service, Loss loss) {
        ByteBuffer rows = maps.of(shared.losses().map()).value();
        return shared.losses().read(maps, rows).sum(service, loss.field());
    }

    @Test
    void aRefusalNamesTheLineOfJava() {
        Program wrong = Code.write("wrong", Hook.STACK, code -> {
            var packet = code.pointer("packet");
            code.packet(packet, 14, () -> code.leave(Verdict.NEXT));
            code.set(packet.at(14, 4), 0);
            code.leave(Verdict.NEXT);
        });

        assertThatThrownBy(() -> maps.load(wrong))
                .isInstanceOf(VerifierRefusal.class)
                .hasMessageContaining("LoadedTranslationTest.java:")
                .hasMessageContaining("invalid access to packet");
    }
}
