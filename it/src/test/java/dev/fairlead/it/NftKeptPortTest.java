package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// What [KernelKeptPortTest] says, of nftables. Needs root.
class NftKeptPortTest extends KernelKeptPortTest {
    @Override
    String carrier() {
        return "nft";
    }

    /// Whose invalid packets are dropped, whatever port they come from.
    private String hosts() throws IOException, InterruptedException {
        return NetworkLab.attempt("nft", "list", "set", "inet", lab.table(), "hosts4")
                .text();
    }

    @Test
    void aHostIsForgottenOnceItsPortsAreKeptNoMore() throws Exception {
        fairlead = Fairlead.start(kept("", 1, 2));
        assertThat(hosts()).contains(lab.address(1), lab.address(2));

        fairlead.reload(
                kept("", 1, 2)
                        .replace(endpoint(1), lab.address(1) + ":" + LAST)
                        .replace(endpoint(2), lab.address(2) + ":" + LAST),
                "done");
        assertThat(hosts()).contains("hosts4").doesNotContain(lab.address(1), lab.address(2));

        fairlead.reload(kept("", 1, 2), "done");
        assertThat(hosts()).contains(lab.address(1), lab.address(2));
    }
}
