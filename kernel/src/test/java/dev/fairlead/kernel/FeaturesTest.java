package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FeaturesTest {
    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families = List.of(FamilyMaps.of(Family.IPV4, 1024));

    private Program program(Features features) {
        return Translation.program(shared, families, features, Report.LIMIT);
    }

    @Test
    void whatNobodyAsksForIsNotInTheProgram() {
        Program all = program(Features.ALL);
        Program turns = program(new Features(Set.of(ServiceEntry.IN_TURN), false, false));
        Program hashes = program(new Features(Set.of(ServiceEntry.BY_ADDRESS), false, false));

        assertThat(all.maps()).contains(shared.sources(), shared.turns());
        assertThat(turns.maps()).contains(shared.turns()).doesNotContain(shared.sources());
        assertThat(hashes.maps()).doesNotContain(shared.sources(), shared.turns());
        assertThat(turns.instructions().size()).isLessThan(hashes.instructions().size());
        assertThat(hashes.instructions().size()).isLessThan(all.instructions().size());
    }

    @Test
    void whatIsAskedForIsEnough() throws IOException {
        Interpreter machine = new Interpreter(program(new Features(Set.of(ServiceEntry.IN_TURN), false, false)));
        Tables tables = new Tables(shared, families, machine);
        tables.putEndpoint(0, 1, Frame.address("10.71.1.2:8080"), true);
        tables.putTable(1, new int[] {0});
        tables.putService(
                new Service(
                        1,
                        Frame.address("10.71.100.100:80"),
                        Transport.TCP,
                        ServiceEntry.IN_TURN,
                        List.of(),
                        new Service.PortRange(0, 1)),
                0);

        byte[] syn =
                Frame.tcp("10.71.0.2:4000", "10.71.100.100:80", Transport.SYN).bytes();

        assertThat(machine.run(syn).verdict()).isEqualTo(Verdict.REDIRECT.number());
    }

    @Test
    void featuresGrow() {
        Features one = new Features(Set.of(ServiceEntry.IN_TURN), false, false);
        Features other = new Features(Set.of(ServiceEntry.BY_CHANCE), true, false);

        assertThat(one.and(other))
                .isEqualTo(new Features(Set.of(ServiceEntry.IN_TURN, ServiceEntry.BY_CHANCE), true, false));
        assertThat(Features.ALL.and(one)).isEqualTo(Features.ALL);
    }
}
