package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;

/// A compressor of libdeflate's, where the system has that library (`libdeflate0` of Debian): of what is there as a
/// whole it makes the same as zlib in about half of the time. One thread at a time.
public final class Libdeflate {
    /// The first with this ABI is of 2016.
    private static final String LIBRARY = "libdeflate.so.0";

    private final MemorySegment compressor;

    /// Whether there is one to be had. Loads the library; not for loops.
    public static boolean isAvailable() {
        return Library.IS_THERE;
    }

    /// Levels are as zlib's, from 1 to 9.
    public Libdeflate(int level) {
        try {
            compressor = (MemorySegment) Calls.ALLOC.invokeExact(level);
        } catch (Throwable impossible) {
            throw Libc.impossible("libdeflate_alloc_compressor", impossible);
        }
        if (compressor.address() == 0) {
            throw new OutOfMemoryError("no memory for a compressor of libdeflate");
        }
    }

    /// What so many bytes become at most.
    public int bound(int bytes) {
        try {
            return Math.toIntExact((long) Calls.BOUND.invokeExact(compressor, (long) bytes));
        } catch (Throwable impossible) {
            throw Libc.impossible("libdeflate_gzip_compress_bound", impossible);
        }
    }

    /// Writes `in` as gzip (RFC 1952) to `out`, both direct. False: it does not fit, see [#bound].
    public boolean gzip(ByteBuffer in, ByteBuffer out) {
        long made;
        try {
            made = (long) Calls.GZIP.invokeExact(
                    compressor, MemorySegment.ofBuffer(in), (long) in.remaining(), MemorySegment.ofBuffer(out), (long)
                            out.remaining());
        } catch (Throwable impossible) {
            throw Libc.impossible("libdeflate_gzip_compress", impossible);
        }
        in.position(in.limit());
        out.position(out.position() + (int) made);
        return made > 0;
    }

    /// Gives back its memory. Nothing more is called.
    public void close() {
        try {
            Calls.FREE.invokeExact(compressor);
        } catch (Throwable impossible) {
            throw Libc.impossible("libdeflate_free_compressor", impossible);
        }
    }

    private static final class Library {
        private static final boolean IS_THERE = isThere();

        private static boolean isThere() {
            try {
                SymbolLookup.libraryLookup(LIBRARY, Arena.global());
                return true;
            } catch (IllegalArgumentException none) {
                return false;
            }
        }
    }

    private static final class Calls {
        private static final SymbolLookup FOUND = SymbolLookup.libraryLookup(LIBRARY, Arena.global());

        private static final MethodHandle ALLOC =
                call("libdeflate_alloc_compressor", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        private static final MethodHandle BOUND =
                call("libdeflate_gzip_compress_bound", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG));
        private static final MethodHandle GZIP = call(
                "libdeflate_gzip_compress",
                FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));
        private static final MethodHandle FREE = call("libdeflate_free_compressor", FunctionDescriptor.ofVoid(ADDRESS));

        private static MethodHandle call(String name, FunctionDescriptor type) {
            return Linker.nativeLinker().downcallHandle(FOUND.findOrThrow(name), type);
        }
    }
}
