package dev.fairlead.it;

/// What [KernelScaleTest] says, by a filter of traffic control. Needs root.
class KernelClsactScaleTest extends KernelScaleTest {
    @Override
    String shared(String more) {
        return super.shared(", attach: clsact" + more);
    }
}
