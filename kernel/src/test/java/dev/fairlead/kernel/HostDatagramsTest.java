package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.Program;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where datagrams of this host go, and whose answers are said to be, run by the interpreter.
class HostDatagramsTest {
    private static final String LISTENER = "10.71.100.100:53";
    private static final String LISTENER_6 = "[fd71::100]:53";

    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families =
            List.of(FamilyMaps.of(Family.IPV4, 1024), FamilyMaps.of(Family.IPV6, 1024));

    private Program sending(Hook hook) {
        return HostConnections.program(shared, families, Features.ALL, hook, Interpreter.NETWORK);
    }

    private Interpreter sender(Hook hook) throws IOException {
        Interpreter machine = new Interpreter(sending(hook));
        Tables tables = new Tables(shared, families, machine);
        boolean isOfIpv4 = hook.isOfIpv4();
        String listener = isOfIpv4 ? LISTENER : LISTENER_6;
        for (int i = 0; i < 3; i++) {
            tables.putEndpoint(i, 1, endpoint(isOfIpv4, i), true);
        }
        tables.putTable(1, new int[] {0, 1, 2});
        tables.putService(
                new Service(
                        1,
                        Frame.address(listener),
                        Transport.UDP,
                        ServiceEntry.IN_TURN,
                        List.of(),
                        new Service.PortRange(0, 1)),
                0);
        return machine;
    }

    private static InetSocketAddress endpoint(boolean isOfIpv4, int number) {
        return Frame.address(isOfIpv4 ? "10.71." + (1 + number) + ".2:8053" : "[fd71:" + (1 + number) + "::2]:8053");
    }

    /// That program on the tables of the other.
    private Interpreter answers(Hook hook, Interpreter sender) {
        Interpreter machine = new Interpreter(HostAnswers.program(shared, families, hook));
        for (FamilyMaps each : families) {
            if (sender.entries(each.peers()) != null) {
                machine.entries(each.peers()).putAll(sender.entries(each.peers()));
            }
        }
        return machine;
    }

    private static InetSocketAddress send(Interpreter machine, Hook hook, String to) throws IOException {
        return HostSocket.ask(machine, hook, Frame.address(to), Transport.UDP, 1);
    }

    private static InetSocketAddress sender(Interpreter machine, Hook hook, InetSocketAddress from) throws IOException {
        return HostSocket.ask(machine, hook, from, Transport.UDP, 1);
    }

    @ParameterizedTest
    @CsvSource({"SEND_4, " + LISTENER, "SEND_6, " + LISTENER_6})
    void aSocketKeepsItsEndpoint(Hook hook, String listener) throws IOException {
        Interpreter machine = sender(hook);
        Set<InetSocketAddress> chosen = new HashSet<>();
        for (int socket = 1; socket <= 3; socket++) {
            machine.socket(socket);
            InetSocketAddress first = send(machine, hook, listener);
            assertThat(send(machine, hook, listener)).isEqualTo(first);
            chosen.add(first);
        }

        assertThat(chosen).hasSize(3).doesNotContain(Frame.address(listener));
    }

    @Test
    void itLeavesAnEndpointThatMayNotBeUsed() throws IOException {
        Interpreter machine = sender(Hook.SEND_4);
        machine.socket(1);
        InetSocketAddress first = send(machine, Hook.SEND_4, LISTENER);
        Tables tables = new Tables(shared, families, machine);
        for (int i = 0; i < 3; i++) {
            tables.putEndpoint(i, 1, endpoint(true, i), !endpoint(true, i).equals(first));
        }

        InetSocketAddress second = send(machine, Hook.SEND_4, LISTENER);

        assertThat(second).isNotEqualTo(first);
        assertThat(send(machine, Hook.SEND_4, LISTENER)).isEqualTo(second);
    }

    @Test
    void anEndpointOfAnotherListenerIsNotKept() throws IOException {
        Interpreter machine = sender(Hook.SEND_4);
        machine.socket(1);
        InetSocketAddress first = send(machine, Hook.SEND_4, LISTENER);
        Tables tables = new Tables(shared, families, machine);
        for (int i = 0; i < 3; i++) {
            tables.putEndpoint(i, endpoint(true, i).equals(first) ? 2 : 1, endpoint(true, i), true);
        }

        assertThat(send(machine, Hook.SEND_4, LISTENER)).isNotEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({
        "SEND_4, RECEIVE_4, " + LISTENER,
        "SEND_4, RECEIVE_6, " + LISTENER,
        "SEND_6, RECEIVE_6, " + LISTENER_6,
        "CONNECT_4, RECEIVE_4, " + LISTENER,
        "CONNECT_6, RECEIVE_6, " + LISTENER_6
    })
    void theAnswerIsOfWhomWasAsked(Hook sending, Hook receiving, String listener) throws IOException {
        Interpreter sender = sender(sending);
        sender.socket(1);
        InetSocketAddress endpoint = send(sender, sending, listener);
        Interpreter answers = answers(receiving, sender);
        answers.socket(1);

        assertThat(endpoint).isNotEqualTo(Frame.address(listener));
        assertThat(sender(answers, receiving, endpoint)).isEqualTo(Frame.address(listener));
        InetSocketAddress other = new InetSocketAddress(endpoint.getAddress(), endpoint.getPort() + 1);
        assertThat(sender(answers, receiving, other)).as("of another port").isEqualTo(other);
        answers.socket(2);
        assertThat(sender(answers, receiving, endpoint)).as("to another socket").isEqualTo(endpoint);
    }

    @Test
    void theAnswerFromAKeptPortIsTheListenersToo() throws IOException {
        Interpreter sender = sender(Hook.SEND_4);
        Tables tables = new Tables(shared, families, sender);
        InetSocketAddress kept = Frame.address("10.71.9.2:" + EndpointAddress.ASKED_PORT);
        tables.putEndpoint(4, 1, kept, true);
        tables.putTable(1, new int[] {4});
        sender.socket(1);

        InetSocketAddress endpoint = send(sender, Hook.SEND_4, LISTENER);

        assertThat(endpoint).isEqualTo(Frame.address("10.71.9.2:53"));
        Interpreter answers = answers(Hook.RECEIVE_4, sender);
        answers.socket(1);
        assertThat(sender(answers, Hook.RECEIVE_4, endpoint)).isEqualTo(Frame.address(LISTENER));
    }

    /// Two listeners may have one endpoint.
    @Test
    void theAnswerIsOfTheListenerThatWasAskedLast() throws IOException {
        Interpreter sender = sender(Hook.SEND_4);
        Tables tables = new Tables(shared, families, sender);
        tables.putEndpoint(3, 2, endpoint(true, 0), true);
        tables.putTable(2, new int[] {3});
        tables.putService(
                new Service(
                        2,
                        Frame.address("10.71.100.101:53"),
                        Transport.UDP,
                        ServiceEntry.IN_TURN,
                        List.of(),
                        new Service.PortRange(0, 1)),
                0);
        sender.socket(1);
        send(sender, Hook.SEND_4, "10.71.100.101:53");
        InetSocketAddress endpoint = send(sender, Hook.SEND_4, LISTENER);

        assertThat(endpoint).isEqualTo(endpoint(true, 0));
        Interpreter answers = answers(Hook.RECEIVE_4, sender);
        answers.socket(1);
        assertThat(sender(answers, Hook.RECEIVE_4, endpoint)).isEqualTo(Frame.address(LISTENER));
    }

    @Test
    void withoutListenersOfDatagramsNothingIsRemembered() {
        Features tcp = new Features(Set.of(ServiceEntry.IN_TURN), false, false);

        assertThat(HostConnections.program(shared, families, tcp, Hook.CONNECT_4, Interpreter.NETWORK)
                        .maps())
                .doesNotContain(families.getFirst().peers());
        assertThat(sending(Hook.CONNECT_4).maps()).contains(families.getFirst().peers());
    }
}
