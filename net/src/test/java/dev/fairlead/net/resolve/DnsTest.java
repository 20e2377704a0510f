package dev.fairlead.net.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.config.ResolverSpec;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import dev.fairlead.net.resolve.Discovery.Answer;
import dev.fairlead.net.resolve.Discovery.Failed;
import dev.fairlead.net.resolve.Discovery.Found;
import dev.fairlead.net.resolve.Discovery.Gone;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What DNS servers say, and what they fail to say, as endpoints.
@ExtendWith(NoLeaks.class)
class DnsTest {
    private static final Duration RETRY = Duration.ofSeconds(7);

    private static final Duration KEEP = Duration.ofHours(1);

    private final Metrics metrics = new Metrics();
    private long nowNanos = -5;
    private Loops loops;
    private ScriptedDns server;
    private Dns dns;

    @BeforeEach
    void start() throws Exception {
        loops = new Loops(1);
        server = new ScriptedDns();
        dns = dns(ResolverSpec.Family.ANY, server.address());
    }

    @AfterEach
    void stop() {
        dns.close();
        server.close();
        loops.close();
    }

    private Dns dns(ResolverSpec.Family family, InetSocketAddress... servers) {
        ResolverSpec spec = new ResolverSpec(
                List.of(servers).stream()
                        .map(each -> new Address(each.getAddress(), each.getPort()))
                        .toList(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(100),
                RETRY,
                family,
                KEEP);
        return new Dns(spec, loops, new HostsFile("127.0.0.9 Here\n"), NameServers.of(spec, ""), metrics);
    }

    private static Answer ask(Discovery discovery) throws Exception {
        return discovery.ask().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Discovery name(String host) {
        return new NameDiscovery(new NamedAddress(host, 80), () -> dns, () -> nowNanos);
    }

    private static List<String> endpoints(Answer answer) {
        return ((Found) answer)
                .endpoints().stream().map(each -> each.address().toString()).toList();
    }

    private static String reason(Answer answer) {
        assertThat(answer.again()).isEqualTo(RETRY);
        return ((Failed) answer).reason();
    }

    @Test
    void findsEveryAddressOfBothFamilies() throws Exception {
        server.addresses("app.example", 30, "127.0.0.2", "127.0.0.1", "::1");

        Answer answer = ask(name("app.example"));

        assertThat(endpoints(answer)).containsExactlyInAnyOrder("127.0.0.1:80", "127.0.0.2:80", "[::1]:80");
        assertThat(answer.again()).isEqualTo(Duration.ofSeconds(30));
        assertThat(metrics.counter(Metric.DNS_QUERIES, "a", "noerror").value()).isEqualTo(1);
    }

    @Test
    void asksForOneFamilyWhenToldSo() throws Exception {
        dns = dns(ResolverSpec.Family.IPV4, server.address());
        server.addresses("app.example", 30, "127.0.0.1", "::1");

        assertThat(endpoints(ask(name("app.example")))).containsExactly("127.0.0.1:80");
        assertThat(server.asked()).isEqualTo(1);
    }

    @Test
    void keepsTheTtlInItsBounds() throws Exception {
        server.addresses("short.example", 0, "127.0.0.1");
        server.addresses("long.example", 86400, "127.0.0.1");

        assertThat(ask(name("short.example")).again()).isEqualTo(Duration.ofSeconds(2));
        assertThat(ask(name("long.example")).again()).isEqualTo(Duration.ofSeconds(100));
    }

    @Test
    void givesTheSameOrderWhateverTheServerDoes() throws Exception {
        Discovery name = name("app.example");
        server.addresses("app.example", 5, "127.0.0.1", "127.0.0.2");
        Answer first = ask(name);
        server.addresses("app.example", 5, "127.0.0.2", "127.0.0.1");

        assertThat(endpoints(ask(name))).isEqualTo(endpoints(first));
    }

    @Test
    void followsAnAliasAndItsTtl() throws Exception {
        server.alias("app.example", 3, "real.example", 60, "127.0.0.1");

        Answer answer = ask(new NameDiscovery(new NamedAddress("app.example", 80), () -> ipv4(), () -> nowNanos));

        assertThat(endpoints(answer)).containsExactly("127.0.0.1:80");
        assertThat(answer.again()).isEqualTo(Duration.ofSeconds(3));
    }

    private Dns ipv4() {
        return dns(ResolverSpec.Family.IPV4, server.address());
    }

    @Test
    void asksForTheEndOfAnAliasThatTheServerDidNotFollow() throws Exception {
        server.alias("app.example", 60, "real.example", 60);
        server.addresses("real.example", 4, "127.0.0.1");

        Answer answer = ask(name("app.example"));

        assertThat(endpoints(answer)).containsExactly("127.0.0.1:80");
        assertThat(answer.again()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void endsALoopOfAliases() throws Exception {
        server.alias("a.example", 60, "b.example", 60);
        server.alias("b.example", 60, "a.example", 60);

        assertThat(reason(ask(name("a.example")))).contains("alias without an end");
    }

    @Test
    void saysWhyAFailedLookupFailed() throws Exception {
        server.code("broken.example", ScriptedDns.A, 2);
        server.code("broken.example", ScriptedDns.AAAA, 2);
        server.silence("silent.example", ScriptedDns.A);
        server.silence("silent.example", ScriptedDns.AAAA);
        server.addresses("empty.example", 10);

        assertThat(reason(ask(name("gone.example")))).isEqualTo("gone.example does not exist (NXDOMAIN)");
        assertThat(reason(ask(name("broken.example"))))
                .contains("127.0.0.1:" + server.address().getPort())
                .endsWith("answers SERVFAIL");
        assertThat(reason(ask(name("silent.example")))).endsWith("does not answer");
        assertThat(ask(name("empty.example")))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.reason()).isEqualTo("empty.example has no address"));
        assertThat(metrics.counter(Metric.DNS_QUERIES, "a", "timeout").value()).isEqualTo(1);
        assertThat(metrics.counter(Metric.DNS_QUERIES, "aaaa", "servfail").value())
                .isEqualTo(1);
    }

    @Test
    void keepsTheAddressesOfAFamilyThatFails() throws Exception {
        Discovery name = name("app.example");
        server.addresses("app.example", 50, "127.0.0.1", "::1");
        ask(name);
        server.addresses("app.example", 50, "127.0.0.2");
        server.code("app.example", ScriptedDns.AAAA, 2);

        Answer answer = ask(name);

        assertThat(endpoints(answer)).containsExactlyInAnyOrder("127.0.0.2:80", "[::1]:80");
        assertThat(answer.again()).as("soon, for a part is missing").isEqualTo(RETRY);
    }

    @Test
    void asksTheNextServerWhenOneDoesNotAnswer() throws Exception {
        try (ScriptedDns silent = new ScriptedDns()) {
            silent.silence("app.example", ScriptedDns.A);
            silent.code("app.example", ScriptedDns.AAAA, 5);
            server.addresses("app.example", 30, "127.0.0.1", "::1");
            dns = dns(ResolverSpec.Family.ANY, silent.address(), server.address());

            assertThat(endpoints(ask(name("app.example")))).hasSize(2);
        }
    }

    @Test
    void passesAddressesOverThatNoServerCanHave() throws Exception {
        server.addresses("app.example", 30, "0.0.0.0", "224.0.0.1", "127.0.0.1");

        assertThat(endpoints(ask(name("app.example")))).containsExactly("127.0.0.1:80");
    }

    @Test
    void asksNobodyForNamesOfTheMachine() throws Exception {
        assertThat(endpoints(ask(name("here")))).containsExactly("127.0.0.9:80");
        assertThat(endpoints(ask(name("localhost")))).containsExactly("127.0.0.1:80");
        assertThat(server.asked()).isZero();
    }

    @Test
    void saysThatThereIsNoServerToAsk() throws Exception {
        dns = dns(ResolverSpec.Family.ANY);

        assertThat(reason(ask(name("app.example")))).startsWith("there is no DNS server");
    }

    @Test
    void takesPortWeightAndPriorityOfServices() throws Exception {
        server.addresses("one.example", 30, "127.0.0.1");
        server.addresses("two.example", 8, "127.0.0.2");
        server.services(
                "_http._tcp.app.example", 20, "20 1 81 two.example", "10 3 80 one.example", "10 1 82 one.example");

        Answer answer = ask(new SrvDiscovery("_http._tcp.app.example", () -> dns, () -> nowNanos));

        assertThat(((Found) answer).endpoints())
                .extracting(each -> each.address() + " " + each.weight() + " " + each.priority())
                .containsExactly("127.0.0.1:80 3 0", "127.0.0.1:82 1 0", "127.0.0.2:81 1 1");
        assertThat(((Found) answer).names().values())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder("one.example:80", "one.example:82", "two.example:81");
        assertThat(answer.again()).as("the least TTL").isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void takesADotForNoServiceAndNothingForAFailure() throws Exception {
        server.services("_none._tcp.example", 20, "0 0 0 .");
        server.services("_empty._tcp.example", 20);

        assertThat(endpoints(ask(new SrvDiscovery("_none._tcp.example", () -> dns, () -> nowNanos))))
                .isEmpty();
        assertThat(reason(ask(new SrvDiscovery("_empty._tcp.example", () -> dns, () -> nowNanos))))
                .contains("no SRV record");
        assertThat(reason(ask(new SrvDiscovery("_gone._tcp.example", () -> dns, () -> nowNanos))))
                .contains("NXDOMAIN");
    }

    @Test
    void goesOnWithTheTargetsThatResolve() throws Exception {
        server.addresses("one.example", 30, "127.0.0.1");
        server.services("_http._tcp.app.example", 30, "0 0 80 one.example", "0 0 80 gone.example");

        Answer answer = ask(new SrvDiscovery("_http._tcp.app.example", () -> dns, () -> nowNanos));

        assertThat(endpoints(answer)).containsExactly("127.0.0.1:80");
        assertThat(answer.again()).isEqualTo(RETRY);
        assertThat(((Found) answer).endpoints())
                .extracting(EndpointSpec::weight)
                .containsExactly(1);
    }

    /// Only what DNS itself says, and goes on to say, takes endpoints away.
    @Test
    void aNameThatDnsDeniesGoesAfterAWhile() throws Exception {
        Discovery name = name("app.example");
        server.addresses("app.example", 50, "127.0.0.1");
        ask(name);
        server.code("app.example", ScriptedDns.A, 3);
        server.code("app.example", ScriptedDns.AAAA, 3);
        assertThat(ask(name)).isInstanceOf(Failed.class);
        nowNanos += KEEP.toNanos() - 1;
        assertThat(ask(name)).isInstanceOf(Failed.class);
        nowNanos += 1;

        assertThat(ask(name)).isEqualTo(new Gone("app.example does not exist (NXDOMAIN)", RETRY));
        server.addresses("app.example", 50, "127.0.0.2");
        assertThat(endpoints(ask(name))).containsExactly("127.0.0.2:80");
        server.addresses("app.example", 50);
        assertThat(ask(name)).as("the time begins anew").isInstanceOf(Failed.class);
        nowNanos += KEEP.toNanos();
        assertThat(ask(name)).isEqualTo(new Gone("app.example has no address", RETRY));
    }

    @Test
    void aLookupThatOnlyFailsKeepsTheLastAnswerForEver() throws Exception {
        Discovery name = name("app.example");
        server.addresses("app.example", 50, "127.0.0.1");
        ask(name);
        server.code("app.example", ScriptedDns.A, 3);
        server.code("app.example", ScriptedDns.AAAA, 2);
        for (int i = 0; i < 3; i++) {
            nowNanos += KEEP.toNanos();
            assertThat(ask(name)).isInstanceOf(Failed.class);
        }
    }

    @Test
    void servicesThatDnsDeniesGoAfterAWhile() throws Exception {
        Discovery services = new SrvDiscovery("_http._tcp.app.example", () -> dns, () -> nowNanos);
        server.addresses("one.example", 30, "127.0.0.1");
        server.services("_http._tcp.app.example", 30, "0 0 80 one.example");
        assertThat(endpoints(ask(services))).hasSize(1);
        server.addresses("one.example", 30);
        assertThat(endpoints(ask(services))).as("the target's last answer").hasSize(1);
        nowNanos += KEEP.toNanos();
        assertThat(ask(services)).isInstanceOf(Gone.class);
        server.addresses("one.example", 30, "127.0.0.1");
        assertThat(endpoints(ask(services))).hasSize(1);
        server.code("_http._tcp.app.example", ScriptedDns.SRV, 3);
        assertThat(ask(services)).isInstanceOf(Failed.class);
        nowNanos += KEEP.toNanos();
        assertThat(ask(services)).isInstanceOf(Gone.class);
    }
}
