package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Interpreter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where sockets of this host connect to, run by the interpreter.
class HostConnectionsTest {
    private static final String LISTENER = "10.71.100.100:80";
    private static final String LISTENER_6 = "[fd71::100]:80";
    private static final int ALLOWED = 1;

    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families =
            List.of(FamilyMaps.of(Family.IPV4, 1024), FamilyMaps.of(Family.IPV6, 1024));

    private Interpreter machine(Hook hook, long network, int choice) throws IOException {
        Interpreter machine = new Interpreter(HostConnections.program(shared, families, Features.ALL, hook, network));
        Tables tables = new Tables(shared, families, machine);
        for (int i = 0; i < 3; i++) {
            tables.putEndpoint(i, 1, Frame.address("10.71." + (1 + i) + ".2:8080"), true);
            tables.putEndpoint(3 + i, 2, Frame.address("[fd71:" + (1 + i) + "::2]:8080"), true);
        }
        tables.putTable(1, new int[] {0, 1, 2});
        tables.putTable(2, new int[] {3, 4, 5});
        tables.putTable(3, new int[] {});
        put(tables, 1, LISTENER, choice);
        if (hook == Hook.CONNECT_6) {
            put(tables, 2, LISTENER_6, choice);
        }
        put(tables, 3, "10.71.100.101:80", choice);
        return machine;
    }

    private static void put(Tables tables, int number, String address, int choice) throws IOException {
        tables.putService(
                new Service(
                        number, Frame.address(address), Transport.TCP, choice, List.of(), new Service.PortRange(0, 1)),
                0);
    }

    private static InetSocketAddress connect(Interpreter machine, Hook hook, String to, int verdict)
            throws IOException {
        return HostSocket.ask(machine, hook, Frame.address(to), Transport.TCP, verdict);
    }

    @ParameterizedTest
    @CsvSource({"CONNECT_4, " + LISTENER, "CONNECT_6, " + LISTENER, "CONNECT_6, " + LISTENER_6})
    void endpointsTakeTurns(Hook hook, String listener) throws IOException {
        Interpreter machine = machine(hook, Interpreter.NETWORK, ServiceEntry.IN_TURN);
        Set<InetSocketAddress> chosen = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            chosen.add(connect(machine, hook, listener, ALLOWED));
        }

        assertThat(chosen).hasSize(3).allMatch(each -> each.getPort() == 8080).doesNotContain(Frame.address(listener));
    }

    @Test
    void anEndpointWithoutAPortIsAskedOnTheListeners() throws IOException {
        Interpreter machine = machine(Hook.CONNECT_4, Interpreter.NETWORK, ServiceEntry.IN_TURN);
        Tables tables = new Tables(shared, families, machine);
        tables.putEndpoint(7, 1, Frame.address("10.71.7.2:0"), true);
        tables.putTable(1, new int[] {7});

        assertThat(connect(machine, Hook.CONNECT_4, LISTENER, ALLOWED))
                .isEqualTo(new InetSocketAddress(
                        "10.71.7.2", Frame.address(LISTENER).getPort()));
    }

    @Test
    void underMaglevThisHostKeepsItsEndpoint() throws IOException {
        Interpreter machine = machine(Hook.CONNECT_4, Interpreter.NETWORK, ServiceEntry.BY_ADDRESS);

        assertThat(connect(machine, Hook.CONNECT_4, LISTENER, ALLOWED))
                .isEqualTo(connect(machine, Hook.CONNECT_4, LISTENER, ALLOWED))
                .isNotEqualTo(Frame.address(LISTENER));
    }

    @Test
    void everythingElseIsLeftAlone() throws IOException {
        Interpreter machine = machine(Hook.CONNECT_4, Interpreter.NETWORK, ServiceEntry.IN_TURN);
        assertThat(connect(machine, Hook.CONNECT_4, "10.71.100.100:81", ALLOWED))
                .isEqualTo(Frame.address("10.71.100.100:81"));
        Interpreter elsewhere = machine(Hook.CONNECT_4, Interpreter.NETWORK + 1, ServiceEntry.IN_TURN);
        assertThat(connect(elsewhere, Hook.CONNECT_4, LISTENER, ALLOWED)).isEqualTo(Frame.address(LISTENER));
    }

    @Test
    void withoutAnEndpointItIsRefused() throws IOException {
        Interpreter machine = machine(Hook.CONNECT_4, Interpreter.NETWORK, ServiceEntry.IN_TURN);

        assertThat(connect(machine, Hook.CONNECT_4, "10.71.100.101:80", 0))
                .isEqualTo(Frame.address("10.71.100.101:80"));
    }
}
