package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is no sound packet is left to the host, which drops and counts it: no flow is begun by it, and none of a flow
/// is passed on. Run by the interpreter.
class DamagedPacketTest {
    private static final String[] FOUR = {"10.71.0.2:40000", "10.71.100.100:80", "10.71.1.2:8080"};
    private static final String[] SIX = {"[fd71::2]:40000", "[fd71::100]:80", "[fd71:1::2]:8080"};

    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families =
            List.of(FamilyMaps.of(Family.IPV4, 1024), FamilyMaps.of(Family.IPV6, 1024));
    private final Interpreter machine =
            new Interpreter(Translation.program(shared, families, Features.ALL, Report.LIMIT));

    @BeforeEach
    void listen() throws IOException {
        Tables tables = new Tables(shared, families, machine);
        int number = 1;
        for (String[] each : new String[][] {FOUR, SIX}) {
            tables.putEndpoint(number, number, Frame.address(each[2]), true);
            tables.putTable(number, new int[] {number});
            for (Transport transport : Transport.values()) {
                tables.putService(
                        new Service(
                                number,
                                Frame.address(each[1]),
                                transport,
                                ServiceEntry.BY_ADDRESS,
                                List.of(),
                                new Service.PortRange(0, 1)),
                        0);
            }
            number++;
        }
        machine.routes(question -> Route.FOUND);
    }

    private int verdict(byte[] frame) {
        return machine.run(frame).verdict();
    }

    private int flows() {
        return families.stream()
                .mapToInt(each -> machine.entries(each.begun()).size())
                .sum();
    }

    private void isLeft(byte[] sound, Consumer<ByteBuffer> damage) {
        byte[] damaged = sound.clone();
        damage.accept(ByteBuffer.wrap(damaged));
        int before = flows();
        assertThat(verdict(damaged)).isEqualTo(Verdict.NEXT.number());
        assertThat(flows()).isEqualTo(before);
    }

    /// First when it could begin a flow, and then as one of that.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lengthsThatCannotBe(boolean is6) {
        String[] ends = is6 ? SIX : FOUR;
        int length = is6 ? 18 : 16;
        int header = is6 ? 0 : 20;
        int transport = is6 ? 54 : 34;
        byte[] tcp = Frame.tcp(ends[0], ends[1], SYN).bytes();
        byte[] udp = Frame.udp(ends[0], ends[1]).bytes();
        for (int round = 0; round < 2; round++) {
            for (int said = 0; said <= 0xffff; said++) {
                short as = (short) said;
                int behind = said - header;
                if (behind < 20 || behind > tcp.length - transport) {
                    isLeft(tcp, frame -> frame.putShort(length, as));
                }
                if (behind < udp.length - transport || behind > udp.length - transport) {
                    isLeft(udp, frame -> frame.putShort(length, as));
                }
                if (said < 8 || said > udp.length - transport) {
                    isLeft(udp, frame -> frame.putShort(transport + Transport.UDP_LENGTH, as));
                }
            }
            // TCP's header in words, and the packet has five and a bit.
            for (int words : new int[] {0, 1, 4, 7, 15}) {
                isLeft(tcp, frame -> frame.put(transport + Transport.TCP_OFFSET, (byte) (words << 4)));
            }
            for (int version : new int[] {0, 5, 15, is6 ? 4 : 6}) {
                isLeft(tcp, frame -> frame.put(14, (byte) (version << 4 | 5)));
            }
            for (int cut = 14; cut < tcp.length; cut++) {
                assertThat(verdict(Arrays.copyOf(tcp, cut))).isEqualTo(Verdict.NEXT.number());
            }
            assertThat(verdict(tcp)).isEqualTo(Verdict.REDIRECT.number());
            assertThat(verdict(udp)).isEqualTo(Verdict.REDIRECT.number());
        }
    }

    /// A packet of 40 octets at the least travels in a frame of 46.
    @Test
    void ethernetFillsUpFrames() {
        byte[] syn = Frame.tcp(FOUR[0], FOUR[1], SYN).bytes();

        assertThat(verdict(Arrays.copyOf(syn, syn.length + 10))).isEqualTo(Verdict.REDIRECT.number());
    }

    /// Linux joins segments to more than a header can say, and then that says 0.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void joinedSegmentsMayBeLongerThanTheirHeaderCanSay(boolean is6) {
        String[] ends = is6 ? SIX : FOUR;
        byte[] syn = Frame.tcp(ends[0], ends[1], SYN).bytes();
        assertThat(verdict(syn)).isEqualTo(Verdict.REDIRECT.number());
        byte[] joined = new Frame(
                        Frame.address(ends[0]),
                        Frame.address(ends[1]),
                        Transport.TCP,
                        Transport.ACK,
                        64,
                        new byte[100_000])
                .bytes();
        ByteBuffer.wrap(joined).putShort(is6 ? 18 : 16, (short) 0);

        assertThat(machine.run(joined, 1, context -> context.putInt(Skb.SEGMENT.offset(), 1400))
                        .verdict())
                .isEqualTo(Verdict.REDIRECT.number());
        assertThat(verdict(joined)).isEqualTo(Verdict.NEXT.number());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "127.0.0.1",
                "224.0.0.5",
                "255.255.255.255",
                "10.71.100.100",
                "::",
                "::1",
                "::ffff:0:1",
                "ff02::1",
                "fd71::100"
            })
    void whatComesFromNobodyBeginsNothing(String source) {
        boolean is6 = source.contains(":");
        for (Transport transport : Transport.values()) {
            Frame frame = new Frame(
                    Frame.address((is6 ? "[" + source + "]" : source) + ":40000"),
                    Frame.address((is6 ? SIX : FOUR)[1]),
                    transport,
                    transport == Transport.TCP ? SYN : 0,
                    64,
                    new byte[5]);

            isLeft(frame.bytes(), whole -> {});
        }
    }

    /// 240.0.0.0/4 is routed as any other, whatever its name says.
    @Test
    void whatComesFromAReservedAddressIsCarried() {
        Frame frame = new Frame(
                Frame.address("240.1.2.3:40000"), Frame.address(FOUR[1]), Transport.TCP, SYN, 64, new byte[5]);
        int before = flows();

        assertThat(verdict(frame.bytes())).isNotEqualTo(Verdict.NEXT.number());

        assertThat(flows()).isGreaterThan(before);
    }

    /// Whatever comes in: no access out of bounds, no jump astray, and nothing is begun or passed on by what is no
    /// packet of a listener.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void damageDoesNoHarm(boolean is6) {
        String[] ends = is6 ? SIX : FOUR;
        int transport = is6 ? 54 : 34;
        int address = is6 ? 38 : 30;
        Random random = new Random(2);
        for (byte[] whole : List.of(
                Frame.tcp(ends[0], ends[1], SYN).bytes(),
                Frame.udp(ends[0], ends[1]).bytes())) {
            verdict(whole);
            for (int i = 0; i < 20_000; i++) {
                byte[] damaged = Damage.of(whole, 0, random);
                int verdict = verdict(damaged);
                boolean isLater = !is6 && ((damaged[20] & 0x1f) | damaged[21]) != 0;
                boolean isForListener = Arrays.equals(damaged, address, transport, whole, address, transport)
                        && (isLater || damaged[transport + 2] == 0 && damaged[transport + 3] == 80);
                if (!isForListener || !Damage.isSound(damaged)) {
                    assertThat(verdict).isEqualTo(Verdict.NEXT.number());
                }
            }
        }
    }

    /// Options of IPv4; of IPv6 those from hop to hop and those for the destination, the first fragment and a later
    /// one, and what is known to nobody here.
    @ParameterizedTest
    @CsvSource({
        "IPV4, 6, 01010100, 1",
        "IPV4, 6, 0101010101010100, 1",
        "IPV6, 0, 0600000000000000, 1",
        "IPV6, 0, 3c0000000000000006010000000000000000000000000000, 1",
        "IPV6, 44, 0600000112345678, 1",
        "IPV6, 44, 0600000912345678, 0",
        "IPV6, 51, 0600000000000000, 0"
    })
    void whatHasMoreInItsHeaderIsCounted(Family family, byte protocol, String hex, long counted) {
        boolean is6 = family == Family.IPV6;
        byte[] syn =
                Frame.tcp((is6 ? SIX : FOUR)[0], (is6 ? SIX : FOUR)[1], SYN).bytes();
        byte[] more = HexFormat.of().parseHex(hex);
        int transport = family.transport();
        ByteBuffer packet = ByteBuffer.allocate(syn.length + more.length)
                .put(syn, 0, transport)
                .put(more)
                .put(syn, transport, syn.length - transport);
        packet.put(family.protocol(), protocol);
        int length = is6 ? 18 : 16;
        packet.putShort(length, (short) (packet.getShort(length) + more.length));
        if (!is6) {
            packet.put(14, (byte) (0x45 + more.length / 4));
        }

        isLeft(packet.array(), whole -> {});

        ByteBuffer rows = KernelMap.buffer(shared.losses().map().valueBytes());
        assertThat(shared.losses().read(machine, rows).sum(is6 ? 2 : 1, Loss.OPTIONS.field()))
                .isEqualTo(counted);
    }
}
