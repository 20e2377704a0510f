package dev.fairlead.http.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.HeadersSpec.ClientFrom;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.NormalPath;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.leak.NoLeaks;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class RouteActionsTest {
    private static final FieldTerms NOBODY = Heads.terms(ClientFrom.X_FORWARDED_FOR);
    private static final FieldTerms PROXY = Heads.terms(ClientFrom.X_FORWARDED_FOR, "127.0.0.0/8");

    private final Bytes scratch = new Bytes(16);

    private static RouteActions actions(String route) {
        String text = "listeners: {web: {protocol: http, address: '*:80', routes: [" + route + "]}}\n"
                + "upstreams: {app: {endpoints: ['10.0.0.1:80']}}\n";
        ConfigFile.Reading reading = ConfigFile.read(text, "test", Map.of());
        assertThat(reading.hasErrors()).as("%s", reading.problems()).isFalse();
        Config config = reading.config();
        return RouteActions.of(
                ((HttpListenerSpec) config.listeners().get("web")).routes().getFirst());
    }

    private String redirected(String redirect, RequestHead request, FieldTerms terms) {
        new Reception().receive(request, Heads.client("127.0.0.1"), terms);
        actions("{match: {path-prefix: /a}, redirect: " + redirect + "}").redirect(request, scratch);
        return scratch.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            {scheme: https}~https://shop.test/a/b?q=1
            {scheme: https, port: 8443}~https://shop.test:8443/a/b?q=1
            {host: www.shop.test}~http://www.shop.test/a/b?q=1
            {path: /new}~http://shop.test:81/new?q=1
            {path: /new, keep-query: false}~http://shop.test:81/new
            {prefix: /v2}~http://shop.test:81/v2/b?q=1
            {prefix: /v2/}~http://shop.test:81/v2/b?q=1
            {prefix: /}~http://shop.test:81/b?q=1
            """)
    void redirectsKeepingWhatIsNotGiven(String redirect, String location) {
        assertThat(redirected(redirect, Heads.request(), NOBODY)).isEqualTo(location);
    }

    @Test
    void redirectsToWhatTheOutermostProxyWasAskedFor() {
        RequestHead request = Heads.request("X-Forwarded-Proto: https", "X-Forwarded-Host: outer.test");

        assertThat(redirected("{path: /new}", request, PROXY)).isEqualTo("https://outer.test/new?q=1");
    }

    @ParameterizedTest
    @CsvSource({"/a//evil.test,//evil.test", "/a/\\evil.test,/\\evil.test", "//evil.test,//evil.test"})
    void neverRedirectsToAHostInThePath(String target, String path) {
        RequestHead request = Heads.of("GET", target);
        String prefix = target.startsWith("/a") ? "{prefix: /}" : "{scheme: https}";
        assertThat(redirected(prefix, request, NOBODY))
                .matches("https?://shop[.]test(:81)?/.*")
                .endsWith(path);

        RequestHead nameless = Heads.of("GET", target);
        nameless.authority(0, 0, 0);
        assertThat(redirected(prefix, nameless, NOBODY)).startsWith("/.").doesNotStartWith("//");
    }

    private List<String> changed(String route, RequestHead request) {
        var client = new Reception().receive(request, Heads.client("127.0.0.1"), NOBODY);
        actions(route).change(request, client, scratch);
        return Heads.lines(request.fields());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            /a~/a/b?q=1~{prefix: /}~/b?q=1
            /a~/a?q=1~{prefix: /}~/?q=1
            /a~/a~{prefix: /v2}~/v2
            /a~/a/~{prefix: /v2}~/v2/
            /~/a/b?q=1~{prefix: /v2}~/v2/a/b?q=1
            /a~/a/b?q=1~{path: /x/é}~/x/%C3%A9?q=1
            /a~/a/b?q=1~{keep-query: false}~/a/b
            """)
    void rewritesTheTarget(String prefix, String target, String rewrite, String expected) {
        RequestHead request = Heads.of("GET", target);
        changed("{match: {path-prefix: " + prefix + "}, upstream: app, rewrite: " + rewrite + "}", request);

        assertThat(request.fields().text(request.sentStart(), request.sentEnd()))
                .isEqualTo(expected);
        assertThat(request.targetText()).as("what is logged").isEqualTo(target);
        assertThat(request.startLineEnd()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            path-template: '/users/{id}'~/users/7?q=1~template: '/v2/people/{id}'~/v2/people/7?q=1
            path-template: '/{a}/x/{b}'~/1/x/2~template: '/{b}/{a}'~/2/1
            path-template: '/{a}/'~/%20%c3%a9/~template: '/é/{a}'~/%C3%A9/%20%C3%A9
            path-regex: '/v([0-9]+)/(.*)'~/v12/a/b~template: '/api/{2}/{1}'~/api/a/b/12
            path-regex: '/(?P<n>x+)(-y)?'~/xx~template: '/{n}{2}'~/xx
            path-prefix: /a~/a/user-7/z~{regex: '/a/user-([0-9]+)(/.*)?', template: '/u/{1}{2}'}~/u/7/z
            path-prefix: /a~/a/other?q~{regex: '/a/user-([0-9]+)(/.*)?', template: '/u/{1}{2}'}~/a/other?q
            path-prefix: /a~/a/%2dx~template: '/b'~/b
            path-prefix: /a%2d~/%61-/x~prefix: /b~/b/x
            path-prefix: /a~/a/%2dx~{path: /b, keep-query: false}~/b
            """)
    void makesAPathOfParts(String match, String target, String rewrite, String expected) {
        RequestHead request = Heads.of("GET", target);
        NormalPath.give(request);
        String keys = rewrite.startsWith("{") ? rewrite : "{" + rewrite + "}";
        changed("{match: {" + match + "}, upstream: app, rewrite: " + keys + "}", request);

        assertThat(request.fields().text(request.sentStart(), request.sentEnd()))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            /(.*)Fx~/a%2Fx~/{1}/y~false
            /(e)~/e~/%2{1}~false
            /(F)~/F~/%2{1}~true
            /(.)(.)~/..~/{1}~false
            /(.*)2e(.*)~/%2ea%2e~/{1}~false
            /x(.*)~/x.~/{1}/y~false
            /x(.*)~/x..~/a/{1}~false
            /x(.*)~/x..;a~/a/{1}~false
            /x(.*)~/x/a~/{1}~true
            """)
    void makesNoPathThatMayNotBeSent(String regex, String target, String template, boolean isGood) {
        RequestHead request = Heads.of("GET", target);
        RouteActions rewrite = actions(
                "{match: {path-regex: '" + regex + "'}, upstream: app, rewrite: {template: '" + template + "'}}");

        assertThat(rewrite.change(request, Heads.client("127.0.0.1"), scratch)).isEqualTo(isGood);

        RouteActions redirect =
                actions("{match: {path-regex: '" + regex + "'}, redirect: {template: '" + template + "'}}");
        assertThat(redirect.redirect(request, scratch)).isEqualTo(isGood ? 307 : 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            /a?x=1&y=2~{remove: [x]}~/a?y=2
            /a?x=1~{remove: [x]}~/a
            /a?x&x=2&%78=3&xx=4&y=x~{remove: [x]}~/a?xx=4&y=x
            /a?a+b=1&a%20b=2&c~{remove: ['a b']}~/a?c
            /a?f%5B%5d=1&c~{remove: ['f[]']}~/a?c
            /a?%e9=1&%C3%A9=2~{remove: ['é']}~/a?%e9=1
            /a?x=1&y=2~{set: {x: 'a&b=c#d e+/?'}}~/a?y=2&x=a%26b%3Dc%23d%20e%2B%2F%3F
            /a~{set: {x: '0'}, add: {y: '{host}/{route}'}}~/a?x=0&y=shop.test%3A81%2Fr
            /a?y=1~{add: {y: '2'}}~/a?y=1&y=2
            /a?&&y=1&~{add: {z: '2'}}~/a?y=1&z=2
            /a?~{remove: [x]}~/a
            """)
    void changesTheQuery(String target, String query, String expected) {
        RequestHead request = Heads.of("GET", target);
        changed("{name: r, match: {path-prefix: /a}, upstream: app, rewrite: {query: " + query + "}}", request);

        assertThat(request.fields().text(request.sentStart(), request.sentEnd()))
                .isEqualTo(expected);
    }

    @Test
    void beginsAQueryAnewWhereNoneIsKept() {
        RequestHead request = Heads.of("GET", "/a?x=1");
        changed("{upstream: app, rewrite: {keep-query: false, query: {set: {y: b}}}}", request);

        assertThat(request.fields().text(request.sentStart(), request.sentEnd()))
                .isEqualTo("/a?y=b");
    }

    @Test
    void leavesTheTargetOfAWholeServerAlone() {
        RequestHead request = Heads.of("OPTIONS", "*");
        changed("{upstream: app, rewrite: {prefix: /v2}}", request);

        assertThat(request.isRewritten()).isFalse();
    }

    @Test
    void rewritesTheHostAndTellsTheOther() {
        assertThat(changed("{upstream: app, rewrite: {host: 'inner.test:8080'}}", Heads.request()))
                .contains("host: inner.test:8080", "x-forwarded-host: shop.test:81")
                .doesNotContain("host: shop.test:81");
    }

    @Test
    void removesSetsAndAdds() {
        List<String> lines = changed(
                "{name: r, upstream: app, request-headers: {remove: [x-gone, COOKIE],"
                        + " set: {X-Client: 'by {client} {{x} {route}', X-Old: '{host}'}, add: {x-two: b}}}",
                Heads.request("X-Gone: 1", "x-gone: 2", "Cookie: c", "x-client: forged", "X-Old: 1", "X-Two: a"));

        assertThat(lines)
                .contains("X-Client: by 127.0.0.1 {x} r", "X-Old: shop.test:81", "X-Two: a", "x-two: b")
                .noneMatch(line -> line.toLowerCase().startsWith("x-gone") || line.startsWith("Cookie"))
                .doesNotContain("x-client: forged", "X-Old: 1");
    }

    @Test
    void putsNoControlCharacterOfTheConfigIntoAValue() {
        for (char c = 0; c < 0x100; c++) {
            String text = "listeners:\n  web:\n    protocol: http\n    address: '*:80'\n    routes:\n"
                    + "      - upstream: app\n        response-headers: {set: {X: \"a\\x%02xb\"}}\n".formatted((int) c)
                    + "upstreams: {app: {endpoints: ['10.0.0.1:80']}}\n";
            boolean isRefused = ConfigFile.read(text, "test", Map.of()).hasErrors();

            assertThat(isRefused).as("character %d", (int) c).isEqualTo(c < ' ' || c > '~' || c == '{');
        }
    }

    @Test
    void isNothingWhenTheRouteOnlyForwards() {
        assertThat(RouteActions.of(new RouteSpec("r", new MatchSpec(null, null, null), "app")))
                .isNull();
    }
}
