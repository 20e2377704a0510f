package dev.fairlead.kernel.bpf;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/// A program that is being written, statement by statement, in the words of the network: packet, entry, field, when.
/// Registers and jumps are found here and nowhere else. Variables that point have one of three registers each; numbers
/// have named places on the stack; what is worked out between two statements has the rest.
public final class Code {
    private static final int CONTEXT = 6;
    private static final int FIRST_POINTER = 7;
    private static final int LAST_POINTER = 9;
    private static final int RESULT = 0;
    private static final int LAST_SCRATCH = 5;
    private static final int STACK_BYTES = 512;

    /// Codes of RFC 9669 §4: with an immediate; a register instead is [#FROM_REGISTER].
    private static final int MOVE = 0xb7;

    private static final int FROM_REGISTER = 0x08;
    private static final int TO_BIG_ENDIAN = 0xdc;
    private static final int CALL = 0x85;
    private static final int ATOMIC_32 = 0xc3;
    private static final int ATOMIC_64 = 0xdb;
    private static final int ATOMIC_ADD = 0;
    private static final int ATOMIC_OR = 0x40;
    private static final int ATOMIC_FETCH = 1;

    private final Hook hook;
    private final Assembler out;
    private final Base.Pointer context = new Base.Pointer("context", CONTEXT);
    private final Values values = new Values();
    private int nextPointer = FIRST_POINTER;
    private int stackUsed;

    private Code(Hook hook, Assembler out) {
        this.hook = hook;
        this.out = out;
    }

    /// Writes a program.
    public static Program write(String name, Hook hook, Consumer<Code> body) {
        return write(name, hook, body, new Assembler(false));
    }

    static Program write(String name, Hook hook, Consumer<Code> body, Assembler out) {
        Code code = new Code(hook, out);
        code.out.noteLine();
        code.out.emit(MOVE | FROM_REGISTER, CONTEXT, 1, 0, 0);
        body.accept(code);
        return new Program(name, hook, code.out.instructions(), body);
    }

    /// Where the program will run.
    public Hook hook() {
        return hook;
    }

    /// What Linux tells: in [Hook#STACK] of the packet, a `struct __sk_buff`, whose fields are in [Skb].
    public Base.Pointer context() {
        return context;
    }

    /// A variable that points; it is there until the block ends in which it was made.
    public Base.Pointer pointer(String name) {
        if (nextPointer > LAST_POINTER) {
            throw new IllegalStateException("no register left for " + name);
        }
        return new Base.Pointer(name, nextPointer++);
    }

    /// A variable of 8 bytes.
    public Value.Place number(String name) {
        return area(name, 8).at(0, 8);
    }

    /// Room for a structure.
    public Area area(String name, Layout layout) {
        return area(name, layout.size());
    }

    private Area area(String name, int size) {
        stackUsed += size;
        if (stackUsed > STACK_BYTES) {
            throw new IllegalStateException("the stack is too small for " + name);
        }
        return new Area(name, -stackUsed, size);
    }

    /// Makes all bytes of a structure 0.
    public void clear(Area area) {
        out.noteLine();
        for (int at = 0; at < area.size(); at += 8) {
            store(area.at(at, 8), Value.of(0));
        }
    }

    public void set(Value.Place place, Value value) {
        out.noteLine();
        store(place, value);
    }

    public void set(Value.Place place, long number) {
        set(place, Value.of(number));
    }

    public void set(Base.Pointer pointer, Value value) {
        out.noteLine();
        values.evaluate(value, RESULT);
        out.emit(MOVE | FROM_REGISTER, pointer.register(), RESULT, 0, 0);
    }

    /// Copies bytes that are no number, such as an address.
    public void copy(Value.Place to, Value.Place from) {
        out.noteLine();
        int at = 0;
        while (at < to.bytes()) {
            int step = 4;
            while (step > to.bytes() - at || !fits(to, at, step) || !fits(from, at, step)) {
                step /= 2;
            }
            store(part(to, at, step), part(from, at, step));
            at += step;
        }
    }

    /// The stack alone is held to the alignment of numbers, on every machine.
    private static boolean fits(Value.Place place, int at, int step) {
        return !(place.base() instanceof Base.Frame) || (place.offset() + at) % step == 0;
    }

    private static Value.Place part(Value.Place whole, int at, int bytes) {
        return new Value.Place(whole.base(), whole.offset() + at, bytes);
    }

    private void store(Value.Place place, Value value) {
        if (value instanceof Value.Constant(long number) && number == (int) number) {
            out.emit(0x02 | size(place.bytes()), place.base().register(), 0, place.offset(), (int) number);
        } else {
            values.evaluate(value, RESULT);
            out.emit(0x03 | size(place.bytes()), place.base().register(), RESULT, place.offset(), 0);
        }
    }

    /// Adds in one step that no other processor interrupts.
    public void add(Value.Place place, Value amount) {
        atomic(place, amount, ATOMIC_ADD);
    }

    /// Sets bits in one step that no other processor interrupts.
    public void setBits(Value.Place place, Value bits) {
        atomic(place, bits, ATOMIC_OR);
    }

    private void atomic(Value.Place place, Value value, int operation) {
        out.noteLine();
        values.evaluate(value, RESULT);
        values.atomic(place, operation);
    }

    /// Calls for what it does, not for what it returns.
    public void call(Helper helper, Value... arguments) {
        out.noteLine();
        values.evaluate(new Value.Call(helper, List.of(arguments)), RESULT);
    }

    public static Value result(Helper helper, Value... arguments) {
        return new Value.Call(helper, List.of(arguments));
    }

    /// The entry of a map under a key; null when there is none.
    public static Value entry(MapSpec map, Value keyAddress) {
        return result(Helper.MAP_LOOKUP, new Value.MapReference(map), keyAddress);
    }

    public void when(Condition condition, Runnable then) {
        out.noteLine();
        var end = new Assembler.Label();
        unless(condition, end);
        block(then);
        out.mark(end);
    }

    public void when(Condition condition, Runnable then, Runnable otherwise) {
        out.noteLine();
        var other = new Assembler.Label();
        var end = new Assembler.Label();
        unless(condition, other);
        block(then);
        out.jump(end);
        out.mark(other);
        block(otherwise);
        out.mark(end);
    }

    /// Points `packet` to the first byte of the packet of which `bytes` can be read and written, or runs `tooShort`,
    /// which has to leave the program. To be done again after a call that may have moved the packet.
    public void packet(Base.Pointer packet, int bytes, Runnable tooShort) {
        out.noteLine();
        var end = new Assembler.Label();
        values.evaluate(context.at(Objects.requireNonNull(hook.data())), packet.register());
        values.evaluate(context.at(Objects.requireNonNull(hook.dataEnd())), 1);
        out.emit(MOVE | FROM_REGISTER, RESULT, packet.register(), 0, 0);
        out.emit(Value.Operation.ADD.code(), RESULT, 0, 0, bytes);
        out.jump(0xbd, RESULT, 1, 0, end);
        block(tooShort);
        out.mark(end);
    }

    /// Leaves the program; the value says what becomes of the packet.
    public void leave(Value verdict) {
        out.noteLine();
        values.evaluate(verdict, RESULT);
        out.exit();
    }

    public void leave(Verdict verdict) {
        leave(Value.of(hook.number(verdict)));
    }

    /// Statements whose variables are gone after them.
    public void within(Runnable body) {
        block(body);
    }

    /// Statements before the program is left: variables that pointed are given up, their registers free.
    public void atTheEnd(Runnable body) {
        block(() -> {
            nextPointer = FIRST_POINTER;
            body.run();
        });
    }

    private void block(Runnable body) {
        int pointers = nextPointer;
        int stack = stackUsed;
        body.run();
        nextPointer = pointers;
        stackUsed = stack;
    }

    private void unless(Condition condition, Assembler.Label to) {
        values.evaluate(condition.left(), RESULT);
        var comparison = condition.comparison();
        if (comparison.contrary() != 0) {
            values.jump(comparison.contrary(), condition.right(), to);
        } else {
            var holds = new Assembler.Label();
            values.jump(comparison.jump(), condition.right(), holds);
            out.jump(to);
            out.mark(holds);
        }
    }

    private static int size(int bytes) {
        return 0x60
                | switch (bytes) {
                    case 1 -> 0x10;
                    case 2 -> 0x08;
                    case 4 -> 0;
                    case 8 -> 0x18;
                    default -> throw new IllegalArgumentException("a number of " + bytes + " bytes");
                };
    }

    /// Works values out, into registers 0 to 5: what stands on the left of an operation in one, what stands on its
    /// right in the next.
    private final class Values {
        void evaluate(Value value, int into) {
            if (into > LAST_SCRATCH && !(value instanceof Value.Place)) {
                throw new IllegalArgumentException("too much at once: " + value);
            }
            switch (value) {
                case Value.Constant(long number) -> constant(number, into);
                case Value.Place(Base base, int offset, int bytes) ->
                    out.emit(0x01 | size(bytes), into, base.register(), offset, 0);
                case Value.Address(Base base, int offset) -> {
                    out.emit(MOVE | FROM_REGISTER, into, base.register(), 0, 0);
                    if (offset != 0) {
                        out.emit(Value.Operation.ADD.code(), into, 0, 0, offset);
                    }
                }
                case Value.MapReference(MapSpec map) -> out.map(into, map);
                case Value.Turned(Value inner, int bits) -> {
                    evaluate(inner, into);
                    out.emit(TO_BIG_ENDIAN, into, 0, 0, bits);
                }
                case Value.Computed(var operation, Value left, Value right) -> {
                    evaluate(left, into);
                    apply(operation.code(), into, right);
                }
                case Value.Call call -> call(call, into);
                case Value.FetchedAdd(Value.Place place, Value amount) -> {
                    if (into != RESULT) {
                        throw new IllegalArgumentException("an atomic step stands alone or on the left");
                    }
                    evaluate(amount, into);
                    atomic(place, ATOMIC_ADD | ATOMIC_FETCH);
                }
            }
        }

        private void constant(long number, int into) {
            if (number == (int) number) {
                out.emit(MOVE, into, 0, 0, (int) number);
            } else {
                out.wide(into, number);
            }
        }

        private void apply(int code, int left, Value right) {
            if (right instanceof Value.Constant(long number) && number == (int) number) {
                out.emit(code, left, 0, 0, (int) number);
            } else {
                evaluate(right, left + 1);
                out.emit(code | FROM_REGISTER, left, left + 1, 0, 0);
            }
        }

        void jump(int code, Value right, Assembler.Label to) {
            if (right instanceof Value.Constant(long number) && number == (int) number) {
                out.jump(code, RESULT, 0, (int) number, to);
            } else {
                evaluate(right, RESULT + 1);
                out.jump(code | FROM_REGISTER, RESULT, RESULT + 1, 0, to);
            }
        }

        /// With the amount in the register of results.
        void atomic(Value.Place place, int operation) {
            int code = place.bytes() == 8 ? ATOMIC_64 : ATOMIC_32;
            out.emit(code, place.base().register(), RESULT, place.offset(), operation);
        }

        private void call(Value.Call call, int into) {
            if (into != RESULT) {
                throw new IllegalArgumentException("a call stands alone or on the left: " + call.helper());
            }
            for (int i = 0; i < call.arguments().size(); i++) {
                evaluate(call.arguments().get(i), 1 + i);
            }
            out.emit(CALL, 0, 0, 0, call.helper().number());
        }
    }
}
