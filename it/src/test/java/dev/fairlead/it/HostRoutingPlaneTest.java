package dev.fairlead.it;

/// What [KernelPlaneTest] says, where the host routes. Needs root.
class HostRoutingPlaneTest extends KernelPlaneTest {
    @Override
    String shared(String more) {
        return super.shared(", routing: host" + more);
    }
}
