package dev.fairlead.it;

import org.junit.jupiter.api.BeforeEach;

/// What [KernelPlaneTest] says, with acceleration behind the driver. Needs root.
class KernelXdpGenericTest extends KernelPlaneTest {
    @BeforeEach
    void senders() throws Exception {
        lab.finishesChecksums();
    }

    @Override
    String shared(String more) {
        return super.shared(", acceleration: xdp-generic" + more);
    }
}
