package dev.fairlead.it;

/// What [KernelNetworkTest] says, by a filter of traffic control. Needs root.
class KernelClsactNetworkTest extends KernelNetworkTest {
    @Override
    String shared(String more) {
        return super.shared(", attach: clsact" + more);
    }
}
