package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// A function of the C library that is called with words, numbers or addresses, as many as registers take. All such
/// calls share one way out of Java, of which the making costs some milliseconds for each other signature: with this
/// one the process starts sooner. What is called for each packet has a handle of its own, by [Libc#call].
record Call(MemorySegment function) {
    private static final int WORDS = 6;

    /// A function that takes fewer does not look at the other registers, and one that takes an `int` looks at the
    /// lower half of its own. One with `...` would be told on x86-64, by a register that nobody sets here, how
    /// many of its arguments are floating-point numbers: `syscall`, `open`, `ioctl` and `fcntl` take none, and do
    /// not ask.
    private static final MethodHandle HANDLE = Libc.call(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    static Call of(String name) {
        return new Call(Libc.find(name));
    }

    /// What the function returns, or a negative errno. An address holds nothing: what it leads to must be of an arena
    /// that is open, of the arena of `errno`, or fenced by the caller.
    int call(long... words) {
        try (Arena arena = Arena.ofConfined()) {
            return call(Libc.errnoSegment(arena), words);
        }
    }

    /// Likewise, with a segment for errno that whoever calls often has at hand.
    int call(MemorySegment errno, long... words) {
        try {
            int result = (int) (long) HANDLE.invokeExact(
                    function,
                    errno,
                    at(words, 0),
                    at(words, 1),
                    at(words, 2),
                    at(words, 3),
                    at(words, 4),
                    at(words, 5));
            return result < 0 ? Libc.negative(errno) : result;
        } catch (Throwable impossible) {
            throw Libc.impossible("a call of the C library", impossible);
        }
    }

    private static long at(long[] words, int index) {
        assert words.length <= WORDS;
        return index < words.length ? words[index] : 0;
    }
}
