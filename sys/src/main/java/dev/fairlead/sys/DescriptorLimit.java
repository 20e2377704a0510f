package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// How many file descriptors the process may have open: getrlimit(2) with `RLIMIT_NOFILE`.
public final class DescriptorLimit {
    private static final int RLIMIT_NOFILE = 7;

    private DescriptorLimit() {}

    /// The soft limit, in descriptors; -1 where the system does not tell.
    public static long soft() {
        Linker linker = Linker.nativeLinker();
        var getrlimit = linker.defaultLookup().find("getrlimit");
        if (getrlimit.isEmpty()) {
            return -1;
        }
        // int getrlimit(int resource, struct rlimit { rlim_t cur; rlim_t max; } *limits)
        MethodHandle call = linker.downcallHandle(getrlimit.get(), FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(JAVA_LONG, 2);
            int result = (int) call.invokeExact(RLIMIT_NOFILE, limits);
            return result == 0 ? limits.getAtIndex(JAVA_LONG, 0) : -1;
        } catch (Throwable impossible) {
            // invokeExact declares Throwable; a downcall itself throws nothing.
            throw new AssertionError("getrlimit", impossible);
        }
    }
}
