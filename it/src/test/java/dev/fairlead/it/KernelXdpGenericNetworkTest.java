package dev.fairlead.it;

import org.junit.jupiter.api.BeforeEach;

/// The same with acceleration behind the driver, where Linux itself runs the program. Needs root.
class KernelXdpGenericNetworkTest extends KernelNetworkTest {
    @BeforeEach
    void senders() throws Exception {
        lab.finishesChecksums();
    }

    @Override
    String shared(String more) {
        return super.shared(", acceleration: xdp-generic" + more);
    }
}
