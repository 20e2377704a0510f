package dev.fairlead.it;

/// What [KernelNetworkTest] says, where the host routes. Needs root.
class HostRoutingNetworkTest extends KernelNetworkTest {
    @Override
    String shared(String more) {
        return super.shared(", routing: host" + more);
    }

    @Override
    boolean isRoutedByHost() {
        return true;
    }
}
