package dev.fairlead.kernel.bpf;

/// What offsets are counted from: a register that points somewhere.
public sealed interface Base {
    int register();

    /// The end of the stack, which grows down from it.
    enum Frame implements Base {
        FRAME;

        @Override
        public int register() {
            return 10;
        }
    }

    /// A variable that points into a packet or to an entry of a map. It has a register for as long as its block lasts.
    record Pointer(String name, int register) implements Base {
        public Value.Place at(Field field) {
            return new Value.Place(this, field.offset(), field.bytes());
        }

        /// A number of `bytes` at an offset from where it points.
        public Value.Place at(int offset, int bytes) {
            return new Value.Place(this, offset, bytes);
        }

        /// Where it points.
        public Value address() {
            return new Value.Address(this, 0);
        }

        public Condition isNull() {
            return address().is(0);
        }

        public Condition isThere() {
            return address().isNot(0);
        }
    }
}
