package dev.fairlead.it;

import org.junit.jupiter.api.BeforeEach;

/// What [KernelKeptPortTest] says, with acceleration in the driver. Needs root.
class KernelXdpKeptPortTest extends KernelKeptPortTest {
    @BeforeEach
    void senders() throws Exception {
        lab.finishesChecksums();
    }

    @Override
    String shared(String more) {
        return super.shared(", acceleration: xdp" + more);
    }
}
