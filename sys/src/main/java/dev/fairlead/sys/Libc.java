package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/// Calls of the C library whose errno is asked for: it is the first argument of each, a segment that the call fills.
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    private Libc() {}

    static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(find(name), FunctionDescriptor.of(result, arguments), CAPTURE);
    }

    /// Of any function of this signature, whose address is the first argument.
    static MethodHandle call(FunctionDescriptor signature) {
        return LINKER.downcallHandle(signature, CAPTURE);
    }

    static MemorySegment find(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    /// Of a function with `...` after its first `fixed` arguments.
    static MethodHandle variadic(String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                find(name), FunctionDescriptor.of(result, arguments), CAPTURE, Linker.Option.firstVariadicArg(fixed));
    }

    static MemorySegment errnoSegment(Arena arena) {
        return arena.allocate(STATE);
    }

    static int negative(MemorySegment errno) {
        return -errno.get(JAVA_INT, ERRNO);
    }

    /// invokeExact declares Throwable; a downcall itself throws nothing.
    static AssertionError impossible(String call, Throwable cause) {
        return new AssertionError(call, cause);
    }
}
