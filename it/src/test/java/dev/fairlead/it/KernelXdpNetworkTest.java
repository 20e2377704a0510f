package dev.fairlead.it;

import org.junit.jupiter.api.BeforeEach;

/// The same with acceleration in the driver. Needs root.
class KernelXdpNetworkTest extends KernelNetworkTest {
    @BeforeEach
    void senders() throws Exception {
        lab.finishesChecksums();
    }

    @Override
    String shared(String more) {
        return super.shared(", acceleration: xdp" + more);
    }
}
