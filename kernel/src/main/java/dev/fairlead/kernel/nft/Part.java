package dev.fairlead.kernel.nft;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.kernel.Ageing;
import dev.fairlead.kernel.Family;
import dev.fairlead.kernel.Transport;
import dev.fairlead.upstream.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// What the table has for one listener, in the words of nft(8). Its chains are named by the first of its `doors`.
/// `sources`: the addresses that endpoints see; none, and they see the client's. Pure.
record Part(List<Door> doors, Choice choice, List<InetAddress> sources, Ageing ageing) {
    /// Any number, the same on all nodes: so they choose alike.
    static final int SEED = 0x6661697;

    /// What may still come after the end of a connection, and how long nobody has answered a SYN, in seconds.
    static final int CLOSED = 10;

    static final int UNANSWERED = 60;

    Part {
        doors = List.copyOf(doors);
        sources = List.copyOf(sources);
    }

    static String incoming(Door lead) {
        return "to_" + lead.name();
    }

    static String outgoing(Door lead) {
        return "from_" + lead.name();
    }

    static String stray(Door lead) {
        return "stray_" + lead.name();
    }

    static String refused(Door lead) {
        return "refused_" + lead.name();
    }

    Door lead() {
        return doors.getFirst();
    }

    Set<InetSocketAddress> endpoints() {
        return choice.slots().stream().map(Endpoint::address).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /// Whether a connection begins with its SYN alone: what else comes is of a connection that nobody knows.
    private boolean isStrict() {
        return lead().transport() == Transport.TCP && !(choice.isConsistent() && sources.isEmpty());
    }

    /// Its three chains.
    void write(Script script) {
        writeIncoming(script);
        writeOutgoing(script);
        script.chain(stray(lead()));
        // It may be of a connection that lives.
        script.rule(stray(lead()), "ct state invalid drop");
        // Who sends it learns at once that the connection is over.
        if (isStrict()) {
            script.rule(stray(lead()), "tcp flags & (syn | rst) == 0 reject with tcp reset");
        }
    }

    /// The chain for the first packet of a flow.
    private void writeIncoming(Script script) {
        String chain = incoming(lead());
        script.chain(chain);
        script.add("ct timeout", timeoutName(), timeouts());
        script.rule(chain, "ct timeout set \"" + timeoutName() + "\"");
        if (isStrict()) {
            script.rule(chain, "tcp flags & (fin | syn | rst | ack) != syn return");
        }
        if (choice.slots().isEmpty()) {
            script.rule(chain, "counter name \"" + refused(lead()) + "\" drop");
        } else {
            script.rule(chain, "meta l4proto " + lead().protocol() + " dnat " + ip() + " to " + target());
        }
    }

    /// The chain in which flows get another source address: those of a server that calls the listener and is given
    /// itself, or it would answer itself, past this host; or all.
    private void writeOutgoing(Script script) {
        String chain = outgoing(lead());
        script.chain(chain);
        if (!sources.isEmpty()) {
            script.rule(chain, "snat " + ip() + " to " + source());
            return;
        }
        Set<String> hosts = endpoints().stream()
                .map(each -> Door.host(each.getAddress()))
                .collect(Collectors.toCollection(TreeSet::new));
        if (!hosts.isEmpty()) {
            List<String> pairs = hosts.stream().map(host -> host + " . " + host).toList();
            script.rule(
                    chain,
                    ip() + " saddr . " + ip() + " daddr { " + String.join(", ", pairs) + " } snat " + ip()
                            + " to ct original " + ip() + " daddr");
        }
    }

    private String target() {
        List<Endpoint> slots = choice.slots();
        if (endpoints().size() == 1) {
            InetSocketAddress address = slots.getFirst().address();
            String host = Door.host(address.getAddress());
            if (address.getPort() == EndpointAddress.ASKED_PORT) {
                return host;
            }
            return (lead().family() == Family.IPV4 ? host : "[" + host + "]") + ":" + address.getPort();
        }
        StringBuilder map = new StringBuilder(by()).append(" map { ");
        for (int i = 0; i < slots.size(); i++) {
            map.append(i == 0 ? "" : ", ").append(i).append(" : ");
            map.append(Door.place(slots.get(i).address()));
        }
        return map.append(" }").toString();
    }

    private String by() {
        int size = choice.slots().size();
        return switch (choice.by()) {
            case TURN -> "numgen inc mod " + size;
            case CHANCE -> "numgen random mod " + size;
            case ADDRESS -> "jhash " + ip() + " saddr mod " + size + " seed 0x" + Integer.toHexString(SEED);
            case ADDRESS_AND_PORT ->
                "jhash " + ip() + " saddr . " + lead().protocol() + " sport mod " + size + " seed 0x"
                        + Integer.toHexString(SEED);
        };
    }

    private String source() {
        if (sources.size() == 1) {
            return sources.getFirst().getHostAddress();
        }
        StringBuilder map = new StringBuilder("numgen inc mod " + sources.size() + " map { ");
        for (int i = 0; i < sources.size(); i++) {
            map.append(i == 0 ? "" : ", ")
                    .append(i)
                    .append(" : ")
                    .append(sources.get(i).getHostAddress());
        }
        return map.append(" }").toString();
    }

    private String ip() {
        return lead().family() == Family.IPV4 ? "ip" : "ip6";
    }

    /// Listeners that are as patient share it; Linux does not change it once it is there.
    private String timeoutName() {
        return "%s_%s_idle_%d_fin_%d".formatted(ip(), lead().protocol(), idleSeconds(), finSeconds());
    }

    private String timeouts() {
        String policy = switch (lead().transport()) {
            case TCP ->
                "established : %1$d, fin_wait : %2$d, close_wait : %2$d, last_ack : %2$d, time_wait : %3$d, close : %3$d, syn_sent : %4$d, syn_recv : %4$d"
                        .formatted(idleSeconds(), finSeconds(), CLOSED, Math.min(UNANSWERED, idleSeconds()));
            case UDP -> "unreplied : %1$d, replied : %1$d".formatted(idleSeconds());
        };
        return "protocol %s; l3proto %s; policy = { %s }; ".formatted(lead().protocol(), ip(), policy);
    }

    /// After how many seconds of silence a flow is over.
    int idleSeconds() {
        return seconds(ageing.idleNanos());
    }

    private int finSeconds() {
        return seconds(Math.min(ageing.finNanos(), ageing.idleNanos()));
    }

    /// Linux counts whole ones.
    private static int seconds(long nanos) {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nanos + TimeUnit.SECONDS.toNanos(1) - 1));
    }
}
