package dev.fairlead.http.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.HeadersSpec;
import dev.fairlead.config.HeadersSpec.ClientFrom;
import dev.fairlead.config.HeadersSpec.TraceContext;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.leak.NoLeaks;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class ReceptionTest {
    private static final FieldTerms TERMS = Heads.terms(ClientFrom.X_FORWARDED_FOR, "10.0.0.0/8");
    private static final String GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final Reception reception = new Reception();

    private String id(String peer, String... lines) {
        RequestHead head = Heads.request(lines);
        reception.receive(head, Heads.client(peer), TERMS);
        return head.fields().valueText(FieldName.X_REQUEST_ID);
    }

    @Test
    void makesAnIdForEachRequest() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(id("127.0.0.1"));
        }

        assertThat(ids).hasSize(10_000).allMatch(id -> id.matches("[0-9a-f]{32}"));
    }

    @Test
    void keepsTheIdOfATrustedProxyOnly() {
        assertThat(id("10.0.0.1", "X-Request-Id: abc-1")).isEqualTo("abc-1");
        assertThat(id("11.0.0.1", "X-Request-Id: abc-1")).matches("[0-9a-f]{32}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\"", "a,b", "é", "{}"})
    void replacesAnIdThatIsNone(String given) {
        assertThat(id("10.0.0.1", "X-Request-Id: " + given)).matches("[0-9a-f]{32}");
    }

    @Test
    void replacesTwoIdsAndOneTooLong() {
        assertThat(id("10.0.0.1", "X-Request-Id: a", "X-Request-Id: b")).matches("[0-9a-f]{32}");
        assertThat(id("10.0.0.1", "X-Request-Id: " + "a".repeat(129))).matches("[0-9a-f]{32}");
        assertThat(id("10.0.0.1", "X-Request-Id: " + "a".repeat(128))).hasSize(128);
    }

    private List<String> traced(TraceContext context, String... lines) {
        RequestHead head = Heads.request(lines);
        var spec = new HeadersSpec(List.of(), ClientFrom.X_FORWARDED_FOR, "edge", 2, false, context, false);
        reception.receive(head, Heads.client("127.0.0.1"), new FieldTerms(spec));
        return Heads.lines(head.fields()).stream()
                .filter(line -> line.toLowerCase().startsWith("trace"))
                .toList();
    }

    @Test
    void passesATraceContextOn() {
        for (TraceContext each : TraceContext.values()) {
            assertThat(traced(each, "traceparent: " + GOOD, "tracestate: a=1"))
                    .containsExactly("traceparent: " + GOOD, "tracestate: a=1");
        }
        assertThat(traced(TraceContext.PASS, "traceparent: x", "tracestate: a=1"))
                .hasSize(2);
        assertThat(traced(TraceContext.PASS)).isEmpty();
        String later = GOOD.replaceFirst("00", "01") + "-more";
        assertThat(traced(TraceContext.SAMPLED, "traceparent: " + later)).containsExactly("traceparent: " + later);
    }

    @Test
    void makesATraceContextWhenWanted() {
        assertThat(traced(TraceContext.SAMPLED).getFirst()).matches("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        assertThat(traced(TraceContext.UNSAMPLED).getFirst()).endsWith("-00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00+0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x"
            })
    void replacesAMalformedTraceContextWithItsState(String given) {
        assertThat(traced(TraceContext.SAMPLED, "traceparent: " + given, "tracestate: a=1"))
                .singleElement()
                .asString()
                .matches("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01");
    }

    @Test
    void replacesTwoTraceContexts() {
        assertThat(traced(TraceContext.SAMPLED, "traceparent: " + GOOD, "traceparent: " + GOOD))
                .hasSize(1)
                .doesNotContain("traceparent: " + GOOD);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "1.1 edge, 1.1 edge~false",
                "1.1 edge, 1.0 EDGE (a, b),1.1  edge~true",
                "1.1 edge, HTTP/1.1 edge (x)~false",
                "1.1 edges, 1.1 edge.a, 1.1 edge:80, edge, 1.1 edge~false",
                "1.1 other, 1.1 other, 1.1 other, 1.1 other~false"
            })
    void seesALoopInVia(String via, boolean expected) {
        assertThat(Reception.isLoop(Heads.request("Via: " + via).fields(), TERMS))
                .isEqualTo(expected);
    }

    @Test
    void countsOverAllViaFields() {
        assertThat(Reception.isLoop(
                        Heads.request("Via: 1.1 edge", "Via: 1.1 edge", "Via: 1.1 edge")
                                .fields(),
                        TERMS))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "OPTIONS,0,false,0",
        "OPTIONS,7,true,6",
        "OPTIONS,1,true,0",
        "OPTIONS,x,true,x",
        "OPTIONS,-1,true,-1",
        "GET,0,true,0"
    })
    void countsMaxForwardsDown(String method, String given, boolean goesOn, String left) {
        RequestHead head = Heads.of(method, "*", "Max-Forwards: " + given);

        assertThat(Reception.mayForward(head)).isEqualTo(goesOn);
        assertThat(head.fields().valueText(FieldName.MAX_FORWARDS)).isEqualTo(left);
    }
}
