package dev.fairlead.it;

/// The same by a filter of traffic control (clsact), as on Linux before 6.6. Needs root.
class KernelClsactPlaneTest extends KernelPlaneTest {
    @Override
    String shared(String more) {
        return super.shared(", attach: clsact" + more);
    }
}
