package dev.fairlead.it;

import org.junit.jupiter.api.BeforeEach;

/// The same with acceleration in the driver, which has packets before anybody joins them. Needs root.
class KernelXdpScaleTest extends KernelScaleTest {
    @BeforeEach
    void senders() throws Exception {
        lab.finishesChecksums();
    }

    @Override
    void travelAlone() {}

    @Override
    String shared(String more) {
        return super.shared(", acceleration: xdp" + more);
    }
}
