package dev.fairlead.http.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.HeadersSpec.ClientFrom;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.leak.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/// Properties of the reader of `Forwarded`, on made and on broken values.
@ExtendWith(NoLeaks.class)
final class ForwardedReaderTest {
    private static final String BYTES = "for=proto=host=by=\";,:[]\\ \t._-10aZé~!";
    private final ForwardedReader reader = new ForwardedReader();

    @RepeatedTest(200)
    void readsWhatWasWritten(RepetitionInfo round) {
        var random = new Random(round.getCurrentRepetition());
        List<String> hosts = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (int line = random.nextInt(3); line >= 0; line--) {
            List<String> elements = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                String host = "h" + hosts.size();
                hosts.add(host);
                elements.add(element(host, random));
            }
            lines.add("Forwarded: " + String.join(random.nextBoolean() ? "," : " ,\t", elements));
        }
        RequestHead head = Heads.request(lines.toArray(String[]::new));
        reader.read(head.fields());

        List<String> read = new ArrayList<>();
        for (int i = reader.count() - 1; i >= 0; i--) {
            read.add(text(head.fields(), i, ForwardedReader.HOST));
        }
        assertThat(read).isEqualTo(hosts);
        assertThat(reader.keptFrom()).isZero();
    }

    private static String element(String host, Random random) {
        List<String> pairs = new ArrayList<>(List.of("HOST=" + (random.nextBoolean() ? host : '"' + host + '"')));
        pairs.add(random.nextInt(pairs.size() + 1), "x=\"a,b;for=6.6.6.6\\\",\"");
        pairs.add(random.nextInt(pairs.size() + 1), "for=\"[2001:db8::1]:5\"");
        return String.join(random.nextBoolean() ? ";" : ";;", pairs);
    }

    @RepeatedTest(50)
    void staysWithinTheFieldWhateverIsInIt(RepetitionInfo round) {
        var random = new Random(round.getCurrentRepetition());
        FieldTerms terms = Heads.terms(ClientFrom.FORWARDED, "10.0.0.0/8");
        for (int i = 0; i < 500; i++) {
            StringBuilder value = new StringBuilder();
            for (int size = random.nextInt(60); size > 0; size--) {
                value.append(BYTES.charAt(random.nextInt(BYTES.length())));
            }
            RequestHead head = Heads.request("Forwarded: " + value, "X-Behind: \"");
            reader.read(head.fields());
            int from = head.fields().valueStart(1);
            int to = head.fields().valueEnd(1);
            for (int element = 0; element < reader.count(); element++) {
                for (int kind = 0; kind < 3; kind++) {
                    int start = reader.start(element, kind);
                    int end = reader.end(element, kind);
                    assertThat(start == 0 || start >= from && end <= to && start <= end)
                            .as("%s: %d to %d", value, start, end)
                            .isTrue();
                }
            }

            new ForwardedFields().add(head, Heads.client("10.0.0.1"), terms);
            reader.read(head.fields());
            assertThat(text(head.fields(), 0, ForwardedReader.FOR))
                    .as("what an endpoint reads last in %s", Heads.lines(head.fields()))
                    .isEqualTo("10.0.0.1");
        }
    }

    private String text(Fields fields, int element, int kind) {
        return fields.text(reader.start(element, kind), reader.end(element, kind));
    }
}
