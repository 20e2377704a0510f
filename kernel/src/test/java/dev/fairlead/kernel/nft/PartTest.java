package dev.fairlead.kernel.nft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.HashKeySpec;
import dev.fairlead.config.HostAddress;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.kernel.Ageing;
import dev.fairlead.kernel.Slots;
import dev.fairlead.kernel.Transport;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstreams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PartTest {
    private static final Ageing AGEING = new Ageing(TimeUnit.MINUTES.toNanos(10), TimeUnit.MILLISECONDS.toNanos(1500));

    private static List<Share> shares(String... hosts) {
        return shares(80, hosts);
    }

    private static List<Share> shares(int port, String... hosts) {
        var second = Duration.ofSeconds(1);
        return new Upstreams(new Metrics())
                .put(new UpstreamSpec(
                        "app",
                        Arrays.stream(hosts)
                                .map(InetAddress::ofLiteral)
                                .map(ip ->
                                        new EndpointSpec(port == 0 ? new HostAddress(ip) : new Address(ip, port), 1, 0))
                                .toList(),
                        BalancerSpec.ROUND_ROBIN,
                        null,
                        new UpstreamTimeouts(second, second, second),
                        new PoolSpec(0, second),
                        3))
                .shares();
    }

    private static Choice choice(BalancerSpec balancer, String... hosts) {
        return choice(balancer, shares(hosts));
    }

    private static Choice kept(String... hosts) {
        return choice(BalancerSpec.ROUND_ROBIN, shares(0, hosts));
    }

    private static Choice choice(BalancerSpec balancer, List<Share> shares) {
        int count = shares.size();
        return Choice.of(balancer, shares, new Slots.Seen(new int[count], new double[count], 0));
    }

    private static Door door(Transport transport, String host) {
        return new Door(transport, new AddressRange(InetAddress.ofLiteral(host), 5000, 5000));
    }

    private static String text(Part part) {
        Script script = new Script("t");
        part.write(script);
        return script.toString();
    }

    @Test
    void turnsChooseWhereAConnectionBegins() {
        Part part = new Part(
                List.of(door(Transport.TCP, "10.0.0.1")),
                choice(BalancerSpec.ROUND_ROBIN, "10.1.0.1", "10.1.0.2"),
                List.of(),
                AGEING);

        assertThat(text(part)).isEqualTo("""
                add chain inet t to_tcp_10.0.0.1_5000
                flush chain inet t to_tcp_10.0.0.1_5000
                add ct timeout inet t ip_tcp_idle_600_fin_2 { protocol tcp; l3proto ip; policy = { established : 600, fin_wait : 2, close_wait : 2, last_ack : 2, time_wait : 10, close : 10, syn_sent : 60, syn_recv : 60 }; }
                add rule inet t to_tcp_10.0.0.1_5000 ct timeout set "ip_tcp_idle_600_fin_2"
                add rule inet t to_tcp_10.0.0.1_5000 tcp flags & (fin | syn | rst | ack) != syn return
                add rule inet t to_tcp_10.0.0.1_5000 meta l4proto tcp dnat ip to numgen inc mod 2 map { 0 : 10.1.0.1 . 80, 1 : 10.1.0.2 . 80 }
                add chain inet t from_tcp_10.0.0.1_5000
                flush chain inet t from_tcp_10.0.0.1_5000
                add rule inet t from_tcp_10.0.0.1_5000 ip saddr . ip daddr { 10.1.0.1 . 10.1.0.1, 10.1.0.2 . 10.1.0.2 } snat ip to ct original ip daddr
                add chain inet t stray_tcp_10.0.0.1_5000
                flush chain inet t stray_tcp_10.0.0.1_5000
                add rule inet t stray_tcp_10.0.0.1_5000 ct state invalid drop
                add rule inet t stray_tcp_10.0.0.1_5000 tcp flags & (syn | rst) == 0 reject with tcp reset
                """);
    }

    @Test
    void anEndpointWithoutAPortKeepsThatOfTheFlow() {
        Door door = door(Transport.TCP, "10.0.0.1");

        Choice one = kept("10.1.0.1");
        assertThat(text(new Part(List.of(door), one, List.of(), AGEING))).contains("dnat ip to 10.1.0.1\n");
        Choice two = kept("10.1.0.1", "10.1.0.2");
        assertThat(text(new Part(List.of(door), two, List.of(), AGEING)))
                .contains("dnat ip to numgen inc mod 2 map { 0 : 10.1.0.1, 1 : 10.1.0.2 }\n");
    }

    /// Two ranges of ports may not lie across each other in one of nftables' maps.
    @Test
    void aSeatOfAllPortsIsInTheWayOfOneWithAPort() {
        Door wide = new Door(Transport.TCP, new AddressRange(InetAddress.ofLiteral("10.0.0.1"), 5000, 5099));
        Seat kept = new Seat(wide, new InetSocketAddress(InetAddress.ofLiteral("10.1.0.1"), 0));
        Seat within = new Seat(wide, new InetSocketAddress(InetAddress.ofLiteral("10.1.0.1"), 5050));
        Seat beside = new Seat(wide, new InetSocketAddress(InetAddress.ofLiteral("10.1.0.1"), 80));

        assertThat(kept.key()).isEqualTo("tcp . 10.0.0.1 . 5000-5099 . 10.1.0.1 . 5000-5099");
        assertThat(kept.inSet()).isEqualTo(Map.entry("hosts4", "tcp . 10.1.0.1"));
        assertThat(within.inSet()).isEqualTo(Map.entry("endpoints4", "tcp . 10.1.0.1 . 5050"));
        assertThat(kept.clashesWith(within)).isTrue();
        assertThat(within.clashesWith(kept)).isTrue();
        assertThat(kept.clashesWith(beside)).isFalse();
        assertThat(kept.clashesWith(kept)).isFalse();
        assertThat(Seat.ofCounter(kept.counter("in"))).isEqualTo(kept);
    }

    @Test
    void sourcesTakeTheClientsPlace() {
        List<InetAddress> sources = List.of(InetAddress.ofLiteral("10.0.0.8"), InetAddress.ofLiteral("10.0.0.9"));
        Part part = new Part(
                List.of(door(Transport.TCP, "10.0.0.1")),
                choice(BalancerSpec.ROUND_ROBIN, "10.1.0.1"),
                sources,
                AGEING);

        assertThat(text(part))
                .contains("dnat ip to 10.1.0.1:80\n")
                .contains("snat ip to numgen inc mod 2 map { 0 : 10.0.0.8, 1 : 10.0.0.9 }\n");
    }

    @Test
    void sourcesTakeThePlaceOfThoseWhoSendDatagramsToo() {
        Part part = new Part(
                List.of(door(Transport.UDP, "fd00::1")),
                choice(BalancerSpec.ROUND_ROBIN, "fd01::1"),
                List.of(InetAddress.ofLiteral("fd00::8")),
                AGEING);

        assertThat(text(part))
                .contains("meta l4proto udp dnat ip6 to [fd01:0:0:0:0:0:0:1]:80\n")
                .contains("snat ip6 to fd00:0:0:0:0:0:0:8\n")
                .doesNotContain("reject");
    }

    /// A connection whose entry is lost goes on: nothing is refused.
    @Test
    void theHashTakesUpWhatIsUnderWay() {
        BalancerSpec maglev = new BalancerSpec(BalancerSpec.Algorithm.MAGLEV, null, 0);
        Part part = new Part(
                List.of(door(Transport.TCP, "fd00::1")), choice(maglev, "fd01::1", "fd01::2"), List.of(), AGEING);

        assertThat(text(part))
                .contains("dnat ip6 to jhash ip6 saddr mod 1021 seed ")
                .contains("fd01:0:0:0:0:0:0:1 . 80")
                .contains("to_tcp_fd00.0.0.0.0.0.0.1_5000")
                .doesNotContain("reject", "return");
    }

    @Test
    void thePortIsInTheHashWhereTheKeySaysSo() {
        BalancerSpec maglev = new BalancerSpec(
                BalancerSpec.Algorithm.MAGLEV,
                new HashKeySpec(HashKeySpec.Part.SOURCE_ADDRESS_AND_PORT, null, null, null),
                0);
        Part part = new Part(
                List.of(door(Transport.UDP, "10.0.0.1")), choice(maglev, "10.1.0.1", "10.1.0.2"), List.of(), AGEING);

        assertThat(text(part))
                .contains("jhash ip saddr . udp sport mod 1021")
                .contains("policy = { unreplied : 600, replied : 600 }");
    }

    @Test
    void withoutAnEndpointPacketsAreDroppedAndCounted() {
        Part part =
                new Part(List.of(door(Transport.TCP, "10.0.0.1")), choice(BalancerSpec.ROUND_ROBIN), List.of(), AGEING);

        assertThat(text(part))
                .contains("counter name \"refused_tcp_10.0.0.1_5000\" drop\n")
                .doesNotContain("dnat", "snat");
    }

    @Test
    void aTableIsAsLargeAsItsEndpointsNeed() {
        BalancerSpec maglev = new BalancerSpec(BalancerSpec.Algorithm.MAGLEV, null, 0);
        String[] many = java.util.stream.IntStream.range(1, 12)
                .mapToObj(i -> "10.1.0." + i)
                .toArray(String[]::new);

        assertThat(choice(maglev, Arrays.copyOf(many, 10)).slots()).hasSize(1021);
        assertThat(choice(maglev, many).slots()).hasSize(4093);
    }

    @Test
    void theNextProcessReadsWhatNamesSay() {
        Seat six =
                new Seat(door(Transport.UDP, "fd00::1"), new InetSocketAddress(InetAddress.ofLiteral("fd01::2"), 80));
        Seat four =
                new Seat(door(Transport.TCP, "10.0.0.1"), new InetSocketAddress(InetAddress.ofLiteral("10.1.0.1"), 80));

        Door wide = new Door(Transport.UDP, new AddressRange(InetAddress.ofLiteral("fd00::1"), 5000, 5099));
        Seat many = new Seat(wide, new InetSocketAddress(InetAddress.ofLiteral("fd01::2"), 80));

        assertThat(Seat.ofCounter(six.counter("in"))).isEqualTo(six);
        assertThat(Seat.ofCounter(many.counter("out"))).isEqualTo(many);
        assertThat(Seat.ofCounter(four.counter("begun"))).isEqualTo(four);
        assertThat(Seat.ofCounter(Part.refused(four.door()))).isNull();
        Holding mine = Holding.first();
        assertThat(Holding.in("continue comment \"" + mine.comment() + "\"")).isEqualTo(mine);
    }
}
