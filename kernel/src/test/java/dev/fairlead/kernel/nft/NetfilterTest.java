package dev.fairlead.kernel.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Questions to the Linux that is there. Needs root.
@Tag("root")
class NetfilterTest {
    private static final int NFPROTO_INET = 1;
    private static final int GET_TABLE = 10 << 8 | 1;

    private final String table = "netfilter-test-" + ProcessHandle.current().pid();
    private Nft nft;
    private Netfilter netfilter;

    @BeforeEach
    void open() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: only root can make tables");
        nft = Nft.open();
        netfilter = Netfilter.open();
        Script script = new Script(table);
        script.table("add");
        nft.run(script);
    }

    @AfterEach
    void close() throws IOException {
        if (nft != null) {
            Table.delete(nft, table);
            nft.close();
            netfilter.close();
        }
    }

    /// The rest of an answer stayed in the socket, and each later question got that to the one before.
    @Test
    void anAnswerThatIsNotReadToItsEndIsNotTakenForTheNext() throws IOException {
        TableState state = TableState.of(netfilter, table);
        int generation = TableState.generation(netfilter);
        assertThat(state.handle()).isPositive();

        assertThatThrownBy(() -> netfilter.each(new Request(GET_TABLE, NFPROTO_INET), _ -> {
                    throw new IllegalStateException("not understood");
                }))
                .isInstanceOf(IllegalStateException.class);

        // Others change tables of theirs meanwhile.
        assertThat(TableState.generation(netfilter)).isGreaterThanOrEqualTo(generation);
        assertThat(TableState.of(netfilter, table)).isEqualTo(state);
    }

    /// What Linux does not do is an answer too.
    @Test
    void anErrorIsTheAnswerToItsQuestion() throws IOException {
        Request ofNothing =
                new Request(10 << 8 | 4, NFPROTO_INET).text(1, table).text(3, "no-such-chain");

        assertThatThrownBy(() -> netfilter.one(ofNothing, _ -> {})).hasMessageContaining("No such file");
        assertThat(TableState.of(netfilter, table).handle()).isPositive();
    }
}
