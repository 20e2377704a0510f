package dev.fairlead.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import java.util.Locale;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each kind of condition: one request that fits and its neighbours that do not.
@ExtendWith(NoLeaks.class)
final class RouteKindsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            host-regex: "shop-[0-9]+[.]example[.]com"  | GET SHOP-7.example.com /   | yes
            host-regex: "shop-[0-9]+[.]example[.]com"  | GET shop-7.example.com. /  | yes
            host-regex: "shop-[0-9]+[.]example[.]com"  | GET xshop-7.example.com /  | no
            host-regex: "shop-[0-9]+[.]example[.]com"  | GET shop-7.example.comx /  | no
            path-template: "/users/{id}"               | GET h /users/7             | yes
            path-template: "/users/{id}"               | GET h /users/7?a=b         | yes
            path-template: "/users/{id}"               | GET h /users/              | no
            path-template: "/users/{id}"               | GET h /users               | no
            path-template: "/users/{id}"               | GET h /users/7/            | no
            path-template: "/users/{id}/"              | GET h /users/7/            | yes
            path-template: "/users/{id}/orders"        | GET h /users/7/orders      | yes
            path-template: "/users/{id}/orders"        | GET h /users/7/order       | no
            path-template: "/users/{id}/orders"        | GET h /users//orders       | no
            path-regex: "/v[0-9]+/.*"                  | GET h /v12/x               | yes
            path-regex: "/v[0-9]+/.*"                  | GET h /v12                 | no
            path-regex: "/v[0-9]+"                     | GET h /a/v1                | no
            method: GET                                | GET h /                    | yes
            method: GET                                | get h /                    | no
            method: [PUT, REPORT]                      | REPORT h /                 | yes
            method: [PUT, REPORT]                      | GET h /                    | no
            headers: {X-Canary: "1"}                   | GET h / x-canary=1         | yes
            headers: {X-Canary: "1"}                   | GET h / x-canary=0&X-CANARY=1 | yes
            headers: {X-Canary: "1"}                   | GET h / x-canary=11        | no
            headers: {X-Canary: "1"}                   | GET h /                    | no
            headers: {X-Canary: {prefix: b}}           | GET h / x-canary=beta      | yes
            headers: {X-Canary: {prefix: b}}           | GET h / x-canary=abeta     | no
            headers: {X-Canary: {regex: "v[0-9]+"}}    | GET h / x-canary=v12       | yes
            headers: {X-Canary: {regex: "v[0-9]+"}}    | GET h / x-canary=v12a      | no
            headers: {X-Canary: {regex: ".*é"}}        | GET h / x-canary=caf%é     | yes
            headers: {X-Canary: {present: true}}       | GET h / x-canary=0         | yes
            headers: {X-Canary: {present: true}}       | GET h / x-canari=0         | no
            headers: {X-Canary: {present: false}}      | GET h / x-canary=0         | no
            headers: {X-Canary: {present: false}}      | GET h /                    | yes
            headers: {A: "1", B: "2"}                  | GET h / a=1&b=2            | yes
            headers: {A: "1", B: "2"}                  | GET h / a=1                | no
            cookies: {group: b}                        | GET h / cookie=a=1; group=b;c=2 | yes
            cookies: {group: b}                        | GET h / cookie=a=1&cookie=group=b | yes
            cookies: {group: b}                        | GET h / cookie=xgroup=b    | no
            cookies: {group: b}                        | GET h / cookie=group=bb    | no
            cookies: {group: {present: true}}          | GET h / cookie=group=      | yes
            cookies: {group: {present: true}}          | GET h / cookie=group       | no
            query: {v: "2"}                            | GET h /?a=1&v=2            | yes
            query: {v: "2"}                            | GET h /?v=22               | no
            query: {v: "2"}                            | GET h /?vv=2               | no
            query: {v: {present: true}}                | GET h /?a&v&b              | yes
            query: {v: {present: true}}                | GET h /?a=v                | no
            query: {v: {present: true}}                | GET h /v                   | no
            client: 10.0.0.0/8                         | GET h / @10.1.2.3          | yes
            client: 10.0.0.0/8                         | GET h / @11.1.2.3          | no
            client: [10.0.0.0/8, "2001:db8::/32"]      | GET h / @2001:db8::1       | yes
            content-type: application/json             | GET h / content-type=Application/JSON;charset=utf-8 | yes
            content-type: application/json             | GET h / content-type=application/jsonp | no
            content-type: application/json             | GET h /                    | no
            content-type: "multipart/*"                | GET h / content-type=multipart/form-data; boundary=x | yes
            content-type: "multipart/*"                | GET h / content-type=multipart | no
            content-type: "text/plain;charset=utf-8"   | GET h / content-type=text/plain; a=b; Charset="UTF-8" | yes
            content-type: "text/plain;charset=utf-8"   | GET h / content-type=text/plain | no
            content-type: "*/*"                        | GET h / content-type=a/b   | yes
            accept: "image/*"                          | GET h / accept=text/html   | no
            accept: "image/*"                          | GET h / accept=image/png;q=0.1 | yes
            accept: "image/*"                          | GET h /                    | yes
            all: [{method: GET}, {host: h}]            | GET h /                    | yes
            all: [{method: GET}, {host: h}]            | GET i /                    | no
            all: [{host: "*.b"}, {host: a.b}]          | GET a.b /                  | yes
            all: [{host: "*.b"}, {host: a.b}]          | GET c.b /                  | no
            all: [{path-prefix: /a}, {path: /a/b}]     | GET h /a/b                 | yes
            all: [{path-prefix: /a}, {path: /b}]       | GET h /b                   | no
            any: [{method: PUT}, {host: h}]            | GET h /                    | yes
            any: [{method: PUT}, {host: h}]            | GET i /                    | no
            not: {method: GET}                         | GET h /                    | no
            not: {method: GET}                         | PUT h /                    | yes
            not: {method: GET, host: h}                | GET i /                    | yes
            not: {any: [{host: h}, {host: i}]}         | GET i /                    | no
            not: {not: {host: h}}                      | GET h /                    | yes
            not: {accept: text/html}                   | GET h / accept=image/png   | yes
            """)
    void takesWhatFits(String match, String request, String expected) {
        RouteTable table = Tables.of(Tables.listener("- {name: r, match: {" + match + "}, upstream: app}"));

        Asked asked = asked(request);

        assertThat(Tables.match(table, asked)).isEqualTo(expected.equals("yes") ? "r" : null);
        // What explains a request sees the same.
        assertThat(table.consider(asked.head(), asked.who()).stream().anyMatch(each -> each.failed() == null))
                .isEqualTo(expected.equals("yes"));
    }

    private static Asked asked(String request) {
        String[] parts = request.split(" ", 4);
        Asked asked = Asked.get(parts[1], parts[2]).by(parts[0]);
        if (parts.length == 3) {
            return asked;
        }
        if (parts[3].startsWith("@")) {
            return asked.from(parts[3].substring(1).toLowerCase(Locale.ROOT));
        }
        String[] fields = parts[3].split("&");
        String[] pairs = new String[fields.length * 2];
        for (int i = 0; i < fields.length; i++) {
            int equals = fields[i].indexOf('=');
            pairs[2 * i] = fields[i].substring(0, equals);
            pairs[2 * i + 1] = fields[i].substring(equals + 1);
        }
        return Asked.get(parts[1], parts[2], pairs).by(parts[0]);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET h /                                                | plain
            GET h / accept=*/*                                     | plain
            GET h / accept=text/html                               | plain
            GET h / accept=text/html,*/*;q=0.5                     | plain
            GET h / accept=image/png                               | pictures
            GET h / accept=image/*,*/*;q=0.8                       | pictures
            GET h / accept=image/*;q=0.5,*/*                       | plain
            """)
    void aClientThatNamesNothingGetsTheRouteThatDoesNotSayWhatItHas(String request, String route) {
        Asked asked = asked(request);
        RouteTable table = Tables.of(Tables.listener("""
                - {name: pictures, match: {accept: "image/*"}, upstream: app}
                - {name: plain, upstream: app}
                """));

        assertThat(Tables.match(table, asked)).isEqualTo(route);
    }
}
