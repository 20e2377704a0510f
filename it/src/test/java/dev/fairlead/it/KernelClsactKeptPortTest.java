package dev.fairlead.it;

/// What [KernelKeptPortTest] says, by filters of traffic control. Needs root.
class KernelClsactKeptPortTest extends KernelKeptPortTest {
    @Override
    String shared(String more) {
        return super.shared(", attach: clsact" + more);
    }
}
