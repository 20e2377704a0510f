package dev.fairlead.kernel.bpf;

import java.util.List;

/// Something that can be worked out: a number, or what is stored at a place. Describes it only; [Code] has it worked
/// out where it is used. Numbers are 64 bits without a sign.
public sealed interface Value {
    /// A number that is known when the program is written.
    record Constant(long number) implements Value {}

    /// Two values and what is done with them.
    record Computed(Operation operation, Value left, Value right) implements Value {}

    /// The lower bits of a value, with the bytes turned round where the machine is little-endian.
    record Turned(Value value, int bits) implements Value {}

    /// What a function of Linux returns. Worked out where it stands alone or on the left.
    record Call(Helper helper, List<Value> arguments) implements Value {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /// What stood at the place before `amount` was added, in one step that no other processor interrupts.
    record FetchedAdd(Place place, Value amount) implements Value {}

    /// A map, as an argument.
    record MapReference(MapSpec map) implements Value {}

    /// Where a structure begins, or what a variable points to.
    record Address(Base base, int offset) implements Value {}

    /// A number of 1, 2, 4 or 8 bytes in memory.
    record Place(Base base, int offset, int bytes) implements Value {}

    /// What is done with two values.
    enum Operation {
        ADD(0x07),
        SUBTRACT(0x17),
        MULTIPLY(0x27),
        DIVIDE(0x37),
        OR(0x47),
        AND(0x57),
        SHIFT_LEFT(0x67),
        SHIFT_RIGHT(0x77),
        REMAINDER(0x97),
        XOR(0xa7);

        private final int code;

        Operation(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    static Value of(long number) {
        return new Constant(number);
    }

    /// A number of 2 bytes as it is stored in network order.
    static Value network16(int number) {
        return new Constant(Short.toUnsignedLong(Short.reverseBytes((short) number)));
    }

    default Value plus(Value other) {
        return new Computed(Operation.ADD, this, other);
    }

    default Value plus(long number) {
        return plus(of(number));
    }

    default Value minus(Value other) {
        return new Computed(Operation.SUBTRACT, this, other);
    }

    default Value minus(long number) {
        return minus(of(number));
    }

    default Value times(Value other) {
        return new Computed(Operation.MULTIPLY, this, other);
    }

    default Value and(long bits) {
        return new Computed(Operation.AND, this, of(bits));
    }

    default Value or(Value other) {
        return new Computed(Operation.OR, this, other);
    }

    default Value or(long bits) {
        return or(of(bits));
    }

    default Value xor(Value other) {
        return new Computed(Operation.XOR, this, other);
    }

    default Value shiftedLeft(int bits) {
        return new Computed(Operation.SHIFT_LEFT, this, of(bits));
    }

    default Value shiftedRight(int bits) {
        return new Computed(Operation.SHIFT_RIGHT, this, of(bits));
    }

    /// The whole number of times. Of a division by 0 it is 0.
    default Value dividedBy(Value divisor) {
        return new Computed(Operation.DIVIDE, this, divisor);
    }

    /// What is left of a division. Of a division by 0 it is the value itself.
    default Value remainder(Value divisor) {
        return new Computed(Operation.REMAINDER, this, divisor);
    }

    /// From network order to the machine's, or back.
    default Value turned16() {
        return new Turned(this, 16);
    }

    default Value turned32() {
        return new Turned(this, 32);
    }

    default Condition is(Value other) {
        return new Condition(this, Condition.Comparison.EQUAL, other);
    }

    default Condition is(long number) {
        return is(of(number));
    }

    default Condition isNot(Value other) {
        return new Condition(this, Condition.Comparison.NOT_EQUAL, other);
    }

    default Condition isNot(long number) {
        return isNot(of(number));
    }

    default Condition isAbove(Value other) {
        return new Condition(this, Condition.Comparison.ABOVE, other);
    }

    default Condition isBelow(Value other) {
        return new Condition(this, Condition.Comparison.BELOW, other);
    }

    default Condition isBelow(long number) {
        return isBelow(of(number));
    }

    /// Whether one of these bits is set.
    default Condition hasAny(long bits) {
        return new Condition(this, Condition.Comparison.ANY_BIT, of(bits));
    }

    /// Whether none of these bits is set.
    default Condition hasNone(long bits) {
        return and(bits).is(0);
    }
}
