package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// What a negative errno means, in the system's own words.
public final class Errno {
    /// The longest text that is looked at.
    private static final int TEXT_BYTES_MAX = 256;

    private Errno() {}

    public static String text(int negative) {
        Linker linker = Linker.nativeLinker();
        MethodHandle call = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
        try {
            MemorySegment text = (MemorySegment) call.invokeExact(-negative);
            return text.reinterpret(TEXT_BYTES_MAX).getString(0);
        } catch (Throwable impossible) {
            throw Libc.impossible("strerror", impossible);
        }
    }
}
