package dev.fairlead.kernel.bpf;

/// A comparison of two values, both without a sign.
public record Condition(Value left, Comparison comparison, Value right) {
    /// How two values are compared: the code of the jump that is taken when it holds, and of the one when it does not.
    enum Comparison {
        EQUAL(0x15, 0x55),
        NOT_EQUAL(0x55, 0x15),
        ABOVE(0x25, 0xb5),
        BELOW(0xa5, 0x35),
        /// The machine has no jump for its contrary.
        ANY_BIT(0x45, 0);

        private final int jump;
        private final int contrary;

        Comparison(int jump, int contrary) {
            this.jump = jump;
            this.contrary = contrary;
        }

        int jump() {
            return jump;
        }

        int contrary() {
            return contrary;
        }
    }
}
