package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What [KernelAddressesTest] says, of nftables; and what becomes of them when somebody else takes them out.
class NftAddressesTest extends KernelAddressesTest {
    @Override
    String carrier() {
        return "nft";
    }

    /// As a restart of the service `nftables` does.
    @ParameterizedTest
    @ValueSource(strings = {"delete", "flush"})
    void theTableIsPutThereAgain(String verb) throws Exception {
        fairlead = Fairlead.start(yaml("", ", balancer: round-robin", "", 1, 2, 3));
        Socket held = connect();
        server(held);
        echo(held, "before");
        await(() -> fairlead.metric("fairlead_flow_bytes_total") > 0);
        double bytes = fairlead.metric("fairlead_flow_bytes_total");

        NetworkLab.run("nft", verb, "table", "inet", lab.table());
        await(() -> fairlead.metric("fairlead_kernel_tables_mended_total") == 1);
        await(() -> fairlead.log().contains("it is there again"));
        echo(held, "after");
        Socket fresh = connect();
        server(fresh);
        echo(fresh, "and others come in");
        await(() -> active() == 2);
        await(() -> fairlead.metric("fairlead_flow_bytes_total") > bytes);
        assertThat(fairlead.metric("fairlead_kernel_tables_mended_total")).isEqualTo(1);
    }

    /// Before anybody has looked, the table is changed by its owner too.
    @Test
    void theTableIsPutThereAgainThoughItWasChangedMeanwhile() throws Exception {
        fairlead = Fairlead.start(yaml("", ", balancer: round-robin", "", 1, 2, 3));
        server(connect());

        NetworkLab.run("nft", "flush", "table", "inet", lab.table());
        fairlead.reload(yaml("", ", balancer: round-robin", "", 2, 3), "done");

        await(() -> fairlead.metric("fairlead_kernel_tables_mended_total") == 1);
        assertThat(server(connect())).isNotEqualTo(1);
    }
}
