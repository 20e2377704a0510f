package dev.fairlead.http.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.HeadersSpec.ClientFrom;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.leak.NoLeaks;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class ForwardedFieldsTest {
    private static final String[] PROXIES = {"10.0.0.0/8", "fd00::/8"};
    private static final FieldTerms NOBODY = Heads.terms(ClientFrom.X_FORWARDED_FOR);
    private static final FieldTerms BY_FOR = Heads.terms(ClientFrom.X_FORWARDED_FOR, PROXIES);
    private static final FieldTerms BY_FORWARDED = Heads.terms(ClientFrom.FORWARDED, PROXIES);

    private final ForwardedFields filter = new ForwardedFields();

    private List<String> seen(RequestHead head, String peer, FieldTerms terms) {
        filter.add(head, Heads.client(peer), terms);
        return Heads.lines(head.fields());
    }

    private static String ip(Client client) {
        return client.address().getAddress().getHostAddress();
    }

    @Test
    void replacesWhatTheClientSaysOfItself() {
        RequestHead head = Heads.request(
                "X-Forwarded-For: 9.9.9.9",
                "Forwarded: for=9.9.9.9",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: evil",
                "X-Forwarded-Port: 1",
                "X-Real-IP: 9.9.9.9",
                "X-Forwarded-For: 8.8.8.8");

        assertThat(seen(head, "127.0.0.1", NOBODY))
                .containsExactly(
                        "host: shop.test:81",
                        "x-forwarded-for: 127.0.0.1",
                        "x-forwarded-proto: http",
                        "x-forwarded-host: shop.test:81",
                        "forwarded: for=127.0.0.1;host=\"shop.test:81\";proto=http",
                        "via: 1.1 edge");
    }

    @Test
    void believesNoProxyThatIsNotListed() {
        assertThat(seen(Heads.request("X-Forwarded-For: 9.9.9.9"), "11.0.0.1", BY_FOR))
                .contains("x-forwarded-for: 11.0.0.1");
    }

    @Test
    void keepsTheViaOfThoseBefore() {
        RequestHead head = Heads.request("Via: 1.1 other");
        head.version(HttpVersion.HTTP_1_0);

        assertThat(seen(head, "127.0.0.1", NOBODY)).contains("Via: 1.1 other", "via: 1.0 edge");
    }

    @Test
    void quotesWhatIsNoToken() {
        RequestHead head = Heads.request();
        head.authority(head.authorityStart(), head.hostEnd(), head.hostEnd());

        assertThat(seen(head, "::1", NOBODY))
                .contains("forwarded: for=\"[0:0:0:0:0:0:0:1]\";host=shop.test;proto=http");
    }

    @Test
    void addsToTheChainOfATrustedProxy() {
        RequestHead head = Heads.request(
                "X-Forwarded-For: 1.1.1.1, 2.2.2.2",
                "X-Forwarded-For: 10.0.0.9",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: outer.test",
                "X-Forwarded-Port: 443",
                "X-Real-IP: 2.2.2.2",
                "Forwarded: for=6.6.6.6");

        assertThat(seen(head, "10.0.0.1", BY_FOR))
                .containsExactly(
                        "host: shop.test:81",
                        "X-Forwarded-Proto: https",
                        "X-Forwarded-Host: outer.test",
                        "X-Forwarded-Port: 443",
                        "x-forwarded-for: 1.1.1.1, 2.2.2.2, 10.0.0.9, 10.0.0.1",
                        "x-real-ip: 2.2.2.2",
                        "forwarded: for=2.2.2.2;host=outer.test;proto=https",
                        "via: 1.1 edge");
    }

    /// A trusted proxy that knows only the one field passes these on as its client sent them.
    @Test
    void doesNotPassOnWhoAClientSaysItIs() {
        RequestHead byFor = Heads.request("X-Forwarded-For: 2.2.2.2", "X-Real-IP: 127.0.0.1", "X-Real-IP: 10.0.0.1");
        RequestHead byForwarded =
                Heads.request("Forwarded: for=2.2.2.2", "X-Real-IP: 127.0.0.1", "X-Forwarded-Port: 8443");

        assertThat(seen(byFor, "10.0.0.1", BY_FOR))
                .filteredOn(each -> each.toLowerCase(Locale.ROOT).startsWith("x-real-ip"))
                .containsExactly("x-real-ip: 2.2.2.2");
        assertThat(seen(byForwarded, "10.0.0.1", BY_FORWARDED))
                .contains("x-real-ip: 2.2.2.2")
                .noneMatch(each -> each.startsWith("X-Real-IP") || each.startsWith("X-Forwarded-Port"));
    }

    @Test
    void addsToTheForwardedOfATrustedProxy() {
        RequestHead head = Heads.request(
                "Forwarded: for=6.6.6.6, for=\"[2001:db8::1]:99\";proto=https;host=outer.test",
                "X-Forwarded-For: 7.7.7.7",
                "X-Forwarded-Proto: gopher");

        assertThat(seen(head, "fd00::1", BY_FORWARDED))
                .containsExactly(
                        "host: shop.test:81",
                        "x-forwarded-for: 2001:db8:0:0:0:0:0:1",
                        "x-forwarded-proto: https",
                        "x-forwarded-host: outer.test",
                        "forwarded: for=6.6.6.6, for=\"[2001:db8::1]:99\";proto=https;host=outer.test, "
                                + "for=\"[fd00:0:0:0:0:0:0:1]\";host=\"shop.test:81\";proto=http",
                        "via: 1.1 edge");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            1.1.1.1~1.1.1.1
            1.1.1.1:4711~1.1.1.1
            6.6.6.6, 1.1.1.1~1.1.1.1
            6.6.6.6, 1.1.1.1, 10.1.1.1 ,10.2.2.2~1.1.1.1
            10.1.1.1, 10.2.2.2~10.1.1.1
            6.6.6.6, unknown, 10.2.2.2~10.2.2.2
            6.6.6.6, 1.1.1~10.0.0.1
            6.6.6.6, 10.0.0.256~10.0.0.1
            6.6.6.6, 1.1.1.1,, ,~1.1.1.1
            [2001:db8::7]:1~2001:db8:0:0:0:0:0:7
            2001:db8::7~2001:db8:0:0:0:0:0:7
            6.6.6.6, ::ffff:10.1.1.1~6.6.6.6
            """)
    void findsTheLastAddressThatIsNotAProxy(String chain, String expected) {
        RequestHead head = Heads.request("X-Forwarded-For: " + chain);

        assertThat(ip(filter.add(head, Heads.client("10.0.0.1"), BY_FOR))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            for=1.1.1.1~1.1.1.1
            For="1.1.1.1:80";by=10.0.0.1~1.1.1.1
            for=6.6.6.6;proto=https , for=1.1.1.1;host="a,b;c=d"~1.1.1.1
            for=6.6.6.6, for=1.1.1.1, for=10.1.1.1~1.1.1.1
            for=6.6.6.6, for=_hidden, for=10.1.1.1~10.1.1.1
            for=6.6.6.6, for=unknown~10.0.0.1
            for=6.6.6.6, proto=https~10.0.0.1
            for=6.6.6.6, for=1.1.1.1;for=2.2.2.2~10.0.0.1
            for=1.1.1.1, host="open~10.0.0.1
            for="1\\.1.1.1"~10.0.0.1
            host="a\\"b", for=1.1.1.1~1.1.1.1
            for=2001:db8::7~2001:db8:0:0:0:0:0:7
            """)
    void findsTheClientInForwarded(String chain, String expected) {
        RequestHead head = Heads.request("Forwarded: " + chain);

        assertThat(ip(filter.add(head, Heads.client("10.0.0.1"), BY_FORWARDED))).isEqualTo(expected);
    }

    @Test
    void passesNothingMalformedOnBeforeItsOwnElement() {
        RequestHead head = Heads.request("Forwarded: for=6.6.6.6;host=\"open", "Forwarded: for=1.1.1.1");

        assertThat(seen(head, "10.0.0.1", BY_FORWARDED))
                .contains("forwarded: for=1.1.1.1, for=10.0.0.1;host=\"shop.test:81\";proto=http");
    }

    @Test
    void walksNoFurtherThanAnyChainGoes() {
        String chain = "6.6.6.6, " + "10.1.1.1, ".repeat(ForwardedReader.ELEMENTS_MAX) + "10.2.2.2";
        RequestHead byFor = Heads.request("X-Forwarded-For: " + chain);
        RequestHead byForwarded = Heads.request("Forwarded: for=" + chain.replace(", ", ", for="));

        assertThat(ip(filter.add(byFor, Heads.client("10.0.0.1"), BY_FOR))).isEqualTo("10.1.1.1");
        assertThat(ip(filter.add(byForwarded, Heads.client("10.0.0.1"), BY_FORWARDED)))
                .isEqualTo("10.1.1.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp", "https;", "http,https", ""})
    void writesTheProtoAnewThatIsNone(String proto) {
        assertThat(seen(Heads.request("X-Forwarded-Proto: " + proto), "10.0.0.1", BY_FOR))
                .contains("x-forwarded-proto: http");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a\"", "a,b", ""})
    void writesTheHostAnewThatIsNone(String host) {
        assertThat(seen(Heads.request("X-Forwarded-Host: " + host), "10.0.0.1", BY_FOR))
                .contains("forwarded: for=10.0.0.1;host=\"shop.test:81\";proto=http");
    }
}
