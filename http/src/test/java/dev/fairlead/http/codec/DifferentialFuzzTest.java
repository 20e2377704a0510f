package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Our readers beside Netty's codec, on messages that are nearly right. What we take, Netty must take, and both
/// must see the same message with the same end: else one of two proxies in a row could be made to see a request
/// that the other does not. That we refuse more is meant. Run more rounds with `-Dfairlead.fuzz.rounds=1000000`,
/// others with `-Dfairlead.fuzz.seed=...`.
@ExtendWith(NoLeaks.class)
final class DifferentialFuzzTest {
    private static final int ROUNDS = Integer.getInteger("fairlead.fuzz.rounds", 15_000);
    private static final long SEED = Long.getLong("fairlead.fuzz.seed", 42);
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: n\r\n\r\n";
    private static final String NEXT_RESPONSE = "HTTP/1.1 299 Next\r\nContent-Length: 0\r\n\r\n";

    private int whole;
    private int unfinished;
    private int refused;
    private int stricter;

    @Test
    void requestsAreWhatNettySees() throws IOException {
        var mutations = new Mutations(Mutations.corpus("requests.txt"), SEED);
        for (int round = 0; round < ROUNDS; round++) {
            String text = mutations.next();
            Reading ours = Reading.request(text.getBytes(ISO_8859_1));
            count(ours);
            if (ours.isWhole()) {
                assertSame(text, ours);
                assertForwarded(text, ours);
            } else if (ours.isRefused() && Oracle.requests(text).stream().allMatch(seen -> seen.wrong() == null)) {
                stricter++;
            }
        }
        report("requests");
    }

    static void assertSame(String text, Reading ours) {
        List<Oracle.Message> seen = Oracle.requests(text.substring(0, ours.end()), NEXT);

        if (isAllowed(text, ours, seen.getFirst())) {
            return;
        }
        assertThat(seen).as("%s: %s", escaped(text), ours).hasSize(2);
        Oracle.Message first = seen.getFirst();
        assertThat(first.wrong()).as(escaped(text)).isNull();
        assertThat(seen.get(1).start()).as(escaped(text)).isEqualTo("GET /next HTTP/1.1");
        assertThat(first.start().replaceFirst(" HTTP/1[.][0-9]$", ""))
                .as(escaped(text))
                .endsWith(ours.start()
                        .substring(ours.start().indexOf(' ') + 1, ours.start().lastIndexOf(' ')))
                .startsWith(ours.start().substring(0, ours.start().indexOf(' ') + 1));
        assertThat(ours.fields()).as(escaped(text)).isEqualTo(kept(first));
        assertThat(ours.body()).as(escaped(text)).isEqualTo(first.body());
        assertThat(first.trailers()).as(escaped(text)).containsAll(ours.trailers());
    }

    /// What we drop besides what is about the connection: fields with an underscore in their name, and an expectation
    /// that there is no body for, or that HTTP/1.0 has.
    private static List<String> kept(Oracle.Message seen) {
        boolean lengthless = seen.fields().stream()
                .noneMatch(field -> Oracle.Message.name(field).equals("transfer-encoding")
                        || Oracle.Message.name(field).equals("content-length") && !field.matches(".*: 0*"));
        boolean unexpected = lengthless || seen.start().endsWith(" HTTP/1.0");
        return seen.endToEnd().stream()
                .filter(field -> !Oracle.Message.name(field).contains("_"))
                .filter(field -> !unexpected || !Oracle.Message.name(field).equals("expect"))
                .toList();
    }

    /// What goes on to the endpoint is one request, and the one that was taken.
    static void assertForwarded(String text, Reading ours) {
        boolean chunked = ours.forwarded().contains("\r\nTransfer-Encoding: chunked\r\n");
        String sent = ours.forwarded() + body(chunked, ours);
        List<Oracle.Message> seen = Oracle.requests(sent, NEXT);

        assertThat(seen).as(escaped(text)).hasSize(2);
        Oracle.Message first = seen.getFirst();
        assertThat(first.wrong()).as(escaped(sent)).isNull();
        String target = ours.start().substring(0, ours.start().lastIndexOf(' '));
        assertThat(first.start()).as(escaped(sent)).isIn(target + " HTTP/1.1", slashed(target) + " HTTP/1.1");
        assertThat(first.body()).as(escaped(sent)).isEqualTo(ours.body());
        assertThat(first.trailers()).as(escaped(sent)).isEqualTo(chunked ? ours.trailers() : List.of());
        List<String> fields = new ArrayList<>(first.endToEnd());
        if (ours.fields().stream().noneMatch(field -> Oracle.Message.name(field).equals("host"))) {
            assertThat(fields.removeLast()).startsWith("Host: ");
        }
        assertThat(fields).as(escaped(sent)).isEqualTo(ours.fields());
        assertThat(first.fields().stream()
                        .filter(field -> Oracle.Message.name(field).equals("host")))
                .as(escaped(sent))
                .hasSize(1);
    }

    private static String slashed(String target) {
        int space = target.indexOf(' ');
        return target.substring(0, space + 1) + "/" + target.substring(space + 1);
    }

    private static String body(boolean chunked, Reading ours) {
        var channel = new EmbeddedChannel();
        var outbox = new Outbox(channel);
        var writer = new BodyWriter(outbox, new Bytes(64));
        writer.begin(chunked);
        int half = ours.body().length() / 2;
        writer.piece(Unpooled.copiedBuffer(ours.body().substring(0, half), ISO_8859_1));
        writer.settle();
        writer.piece(Unpooled.copiedBuffer(ours.body().substring(half), ISO_8859_1));
        var trailers = new Fields();
        for (String trailer : ours.trailers()) {
            int colon = trailer.indexOf(": ");
            byte[] value = trailer.substring(colon + 2).getBytes(ISO_8859_1);
            trailers.add(null, trailer.substring(0, colon).getBytes(US_ASCII), value, 0, value.length);
        }
        writer.end(trailers);
        outbox.flush();
        var text = new StringBuilder();
        for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
            text.append(sent.toString(ISO_8859_1));
            sent.release();
        }
        channel.finishAndReleaseAll();
        return text.toString();
    }

    @Test
    void responsesAreWhatNettySees() throws IOException {
        var mutations = new Mutations(Mutations.corpus("responses.txt"), SEED);
        for (int round = 0; round < ROUNDS; round++) {
            String next = mutations.next();
            boolean toHead = next.startsWith("HEAD ");
            String text = next.substring(Math.min(next.length(), toHead ? 5 : 4));
            Reading ours = Reading.response(toHead ? Method.HEAD : Method.GET, text.getBytes(ISO_8859_1));
            count(ours);
            if (ours.isWhole()) {
                assertSameResponse(toHead, text, ours);
            }
        }
        report("responses");
    }

    static void assertSameResponse(boolean toHead, String text, Reading ours) {
        boolean untilClose = ours.start().endsWith("until close");
        List<Oracle.Message> seen = untilClose
                ? Oracle.responses(toHead, text)
                : Oracle.responses(toHead, text.substring(0, ours.end()), NEXT_RESPONSE);

        if (isAllowed(text, ours, seen.getFirst())) {
            return;
        }
        assertThat(seen).as("%s: %s", escaped(text), ours).hasSize(untilClose ? 1 : 2);
        Oracle.Message first = seen.getFirst();
        assertThat(first.wrong()).as(escaped(text)).isNull();
        assertThat(first.start()).as(escaped(text)).isEqualTo(ours.start().substring(0, 3));
        if (!untilClose) {
            assertThat(seen.get(1).start()).as(escaped(text)).isEqualTo("299");
        }
        boolean lengthless = ours.start().startsWith("1") || ours.start().startsWith("204");
        assertThat(ours.fields())
                .as(escaped(text))
                .isEqualTo(first.endToEnd().stream()
                        .filter(field ->
                                !lengthless || !Oracle.Message.name(field).equals("content-length"))
                        .toList());
        assertThat(ours.body()).as(escaped(text)).isEqualTo(first.body());
        assertThat(first.trailers()).as(escaped(text)).containsAll(ours.trailers());
    }

    /// What we take and Netty does not:
    /// - A chunk extension out of grammar (`;a=b=c`). It ends at its CRLF whatever it says, and is dropped.
    /// - Chunks in HTTP/1.2 to 1.9, which are to be read as 1.1 (RFC 9110 §2.5) and are passed on as that.
    /// - Chunks from HTTP/1.0, in responses: RFC 9112 §6.1 has them processed, and the connection closed.
    private static boolean isAllowed(String text, Reading ours, Oracle.Message seen) {
        String wrong = seen.wrong() == null ? "" : seen.wrong();
        return wrong.contains("InvalidChunkExtensionException")
                || wrong.contains("TransferEncodingNotAllowedException")
                        && (isAbove11(text) || Character.isDigit(ours.start().charAt(0)) && !ours.persistent());
    }

    private static boolean isAbove11(String text) {
        return text.lines().limit(3).anyMatch(line -> line.matches("(?s)(.* )?HTTP/1[.][2-9]( .*)?"));
    }

    private void count(Reading reading) {
        if (reading.isWhole()) {
            whole++;
        } else if (reading.isRefused()) {
            refused++;
        } else {
            unfinished++;
        }
    }

    /// A fuzz that takes nothing, or everything, shows nothing.
    private void report(String what) {
        System.out.printf(
                "%s: %d whole, %d unfinished, %d refused, %d of them by us only%n",
                what, whole, unfinished, refused, stricter);
        assertThat(whole).isGreaterThan(ROUNDS / 20);
        assertThat(refused).isGreaterThan(ROUNDS / 20);
    }

    private static String escaped(String text) {
        return text.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
    }
}
