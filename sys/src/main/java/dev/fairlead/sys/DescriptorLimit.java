package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// How many file descriptors the process may have open: getrlimit(2) with `RLIMIT_NOFILE`.
public final class DescriptorLimit {
    private static final int RLIMIT_NOFILE = 7;
    private static final Call GETRLIMIT = Call.of("getrlimit");

    private DescriptorLimit() {}

    /// The soft limit, in descriptors; -1 where the system does not tell.
    public static long soft() {
        try (Arena arena = Arena.ofConfined()) {
            // int getrlimit(int resource, struct rlimit { rlim_t cur; rlim_t max; } *limits)
            MemorySegment limits = arena.allocate(JAVA_LONG, 2);
            int result = GETRLIMIT.call(RLIMIT_NOFILE, limits.address());
            return result == 0 ? limits.getAtIndex(JAVA_LONG, 0) : -1;
        }
    }
}
