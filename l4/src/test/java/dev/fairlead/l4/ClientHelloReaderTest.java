package dev.fairlead.l4;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import dev.fairlead.net.tls.ClientHello;
import dev.fairlead.net.tls.ClientHelloReader;
import dev.fairlead.net.tls.ClientHelloReader.Progress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@ExtendWith(NoLeaks.class)
final class ClientHelloReaderTest {
    private static final int MAX = 1 << 16;
    private static final int ROUNDS = Integer.getInteger("fairlead.fuzz.rounds", 200_000);
    private static final long SEED = Long.getLong("fairlead.fuzz.seed", 42);

    @Test
    void readsTheJdksHello() throws Exception {
        ClientHello hello = everywhere(Hellos.jdk("Shop.Example.com", "h2", "http/1.1"));
        assertThat(hello).isEqualTo(new ClientHello("shop.example.com", List.of("h2", "http/1.1"), true));
    }

    @Test
    void readsOpensslsHello() throws Exception {
        ClientHello hello = everywhere(Hellos.of(
                "openssl", "s_client", "-connect", "127.0.0.1:PORT", "-servername", "a.example", "-alpn", "h2"));
        assertThat(hello).isEqualTo(new ClientHello("a.example", List.of("h2"), true));
    }

    @Test
    void readsOpensslsHelloOfTls12() throws Exception {
        ClientHello hello =
                everywhere(Hellos.of("openssl", "s_client", "-connect", "127.0.0.1:PORT", "-tls1_2", "-noservername"));
        assertThat(hello).isEqualTo(new ClientHello(null, List.of(), true));
    }

    @Test
    void tellsWhoKnowsOnlyRsa() throws Exception {
        ClientHello hello = everywhere(Hellos.of(
                "openssl", "s_client", "-connect", "127.0.0.1:PORT", "-sigalgs", "RSA+SHA256:RSA-PSS+SHA256"));
        assertThat(hello.takesEcdsa()).isFalse();
    }

    @Test
    void tellsWhoHasNoSuiteForEcdsa() throws Exception {
        ClientHello hello = everywhere(Hellos.of(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:PORT",
                "-tls1_2",
                "-cipher",
                "ECDHE-RSA-AES128-GCM-SHA256"));
        assertThat(hello.takesEcdsa()).isFalse();
    }

    @Test
    void readsCurlsHello() throws Exception {
        ClientHello hello = everywhere(
                Hellos.of("curl", "-sk", "--connect-to", "b.example:443:127.0.0.1:PORT", "https://b.example/"));
        assertThat(hello.sni()).isEqualTo("b.example");
        assertThat(hello.alpn()).contains("http/1.1");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 50, 16384})
    void readsAHelloInRecordsOfAnySize(int bytes) {
        byte[] message =
                Hellos.message(Hellos.extension(0x0a0a, new byte[0]), Hellos.sni("a.example."), Hellos.alpn("h2", "x"));
        assertThat(everywhere(Hellos.inRecords(message, bytes)))
                .isEqualTo(new ClientHello("a.example", List.of("h2", "x")));
    }

    @Test
    void readsAHelloWithAPostQuantumKeyShare() {
        byte[] message =
                Hellos.message(Hellos.extension(51, new byte[1216 + 36]), Hellos.alpn("h2"), Hellos.sni("pq.example"));
        assertThat(everywhere(Hellos.inRecords(message, 16384)).sni()).isEqualTo("pq.example");
    }

    @Test
    void readsAHelloOfManyRecords() {
        byte[] message = Hellos.message(
                Hellos.extension(21, new byte[30_000]), Hellos.extension(0xfe0d, new byte[9000]), Hellos.sni("big"));
        byte[] records = Hellos.inRecords(message, 16384);
        assertThat(records.length).isGreaterThan(2 * 16384);
        var reader = new ClientHelloReader(MAX);
        for (int size = 0; size < records.length; size += 97) {
            assertThat(reader.peek(Unpooled.wrappedBuffer(records, 0, size))).isEqualTo(Progress.MORE);
        }
        assertThat(reader.peek(Unpooled.wrappedBuffer(records))).isEqualTo(Progress.WHOLE);
        assertThat(reader.hello().sni()).isEqualTo("big");
    }

    @Test
    void refusesAHelloAboveItsBoundAsSoonAsItSaysSo() {
        byte[] message = Hellos.message(Hellos.extension(21, new byte[2000]));
        byte[] records = Hellos.inRecords(message, 16384);
        assertThat(new ClientHelloReader(1500).peek(Unpooled.wrappedBuffer(records, 0, 9)))
                .isEqualTo(Progress.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\n", "SSH-2.0-x\r\n", "\u0080\u002e\u0001", "\u0016\u0002", "\u0000\u0001\u0002"
            })
    void tellsWhatIsNoTls(String first) {
        assertThat(peek(first.getBytes(ISO_8859_1))).isEqualTo(Progress.NOT_TLS);
    }

    @Test
    void refusesNamesThatAreNone() {
        for (String name : List.of("", ".", "a\0b", "a b", "a/b", "ä.example", "x".repeat(256))) {
            assertMalformed(Hellos.message(Hellos.sni(name)));
        }
        assertMalformed(Hellos.message(Hellos.sni("a"), Hellos.sni("a")));
        byte[] two = Hellos.join(Hellos.framed(0, 2, new byte[] {'a'}), Hellos.framed(0, 2, new byte[] {'b'}));
        assertMalformed(Hellos.message(Hellos.extension(0, Hellos.framed(-1, 2, two))));
        assertMalformed(Hellos.message(Hellos.extension(
                0, Hellos.framed(-1, 2, Hellos.framed(1, 2, new byte[] {'a'})))));
    }

    @Test
    void refusesListsOfProtocolsThatAreNone() {
        assertMalformed(Hellos.message(Hellos.alpn()));
        assertMalformed(Hellos.message(Hellos.alpn("")));
        assertMalformed(Hellos.message(Hellos.alpn("h2"), Hellos.alpn("h2")));
        assertMalformed(Hellos.message(Hellos.extension(16, new byte[] {0, 3, 3, 'h', '2'})));
    }

    @Test
    void refusesLengthsThatDoNotFit() {
        byte[] good = Hellos.message(Hellos.sni("a.example"));
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        // A byte behind the hello in its record, and a hello that is longer than its extensions.
        assertMalformed(longer);
        longer[3]++;
        assertMalformed(longer);
        assertMalformed(Arrays.copyOf(Hellos.message(new byte[] {0, 0, 0}), good.length));
        assertMalformed(Hellos.message(new byte[] {0, 5, 0}));
        assertMalformed(Hellos.message(new byte[] {0, 5, 0, 9, 1}));
    }

    @Test
    void refusesRecordsThatAreNone() {
        byte[] records = Hellos.inRecords(Hellos.message(Hellos.sni("a.example")), 20);
        for (int at : new int[] {25, 26}) {
            byte[] wrong = records.clone();
            wrong[at] = 99;
            assertThat(peek(wrong)).isEqualTo(Progress.MALFORMED);
        }
        byte[] empty = Hellos.join(Arrays.copyOf(records, 25), new byte[] {22, 3, 1, 0, 0});
        assertThat(peek(empty)).isEqualTo(Progress.MALFORMED);
        assertThat(peek(new byte[] {22, 3, 1, 0x40, 1, 1})).isEqualTo(Progress.MALFORMED);
        // Another message than a ClientHello.
        assertThat(peek(new byte[] {22, 3, 1, 0, 40, 2})).isEqualTo(Progress.MALFORMED);
    }

    /// Whatever comes: no exception, no byte taken, and the same said however it is cut.
    @Test
    void neverFailsOnWhatIsNearlyAHello() throws Exception {
        List<byte[]> corpus = List.of(
                Hellos.jdk("a.example", "h2"),
                Hellos.inRecords(Hellos.message(Hellos.sni("a.example"), Hellos.alpn("h2", "http/1.1")), 9),
                Hellos.inRecords(Hellos.message(Hellos.sni("b.example")), 100));
        Random random = new Random(SEED);
        int whole = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
            for (int i = random.nextInt(3); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(4));
            }
            Progress atOnce = peek(bytes);
            whole += atOnce == Progress.WHOLE ? 1 : 0;
            var reader = new ClientHelloReader(MAX);
            int cut = random.nextInt(bytes.length);
            ByteBuf first = Unpooled.wrappedBuffer(bytes, 0, cut);
            Progress progress = reader.peek(first);
            assertThat(first.readableBytes()).isEqualTo(cut);
            if (progress == Progress.MORE) {
                progress = reader.peek(Unpooled.wrappedBuffer(bytes));
            }
            assertThat(progress).as("round %d, cut at %d", round, cut).isEqualTo(atOnce);
        }
        assertThat(whole).isGreaterThan(ROUNDS / 10);
    }

    /// What was read, after checking that it is the same however the bytes are cut, and that the last is needed.
    private static ClientHello everywhere(byte[] bytes) {
        var slow = new ClientHelloReader(MAX);
        for (int size = 0; size < bytes.length; size++) {
            assertThat(slow.peek(Unpooled.wrappedBuffer(bytes, 0, size)))
                    .as("%d bytes", size)
                    .isEqualTo(Progress.MORE);
            var cut = new ClientHelloReader(MAX);
            cut.peek(Unpooled.wrappedBuffer(bytes, 0, size));
            assertThat(cut.peek(Unpooled.wrappedBuffer(bytes)))
                    .as("cut at %d", size)
                    .isEqualTo(Progress.WHOLE);
        }
        ByteBuf all = Unpooled.wrappedBuffer(bytes, new byte[] {20, 3, 3, 0, 1, 1});
        assertThat(slow.peek(all)).isEqualTo(Progress.WHOLE);
        assertThat(all.readableBytes()).isEqualTo(bytes.length + 6);
        return slow.hello();
    }

    private static Progress peek(byte[] bytes) {
        return new ClientHelloReader(MAX).peek(Unpooled.wrappedBuffer(bytes));
    }

    private static void assertMalformed(byte[] message) {
        assertThat(peek(Hellos.inRecords(message, 16384))).isEqualTo(Progress.MALFORMED);
    }
}
