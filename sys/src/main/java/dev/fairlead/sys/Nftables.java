package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// libnftables: takes what one would write in a file for `nft -f`, all of it or nothing. One thread at a time.
public final class Nftables implements AutoCloseable {
    private static final String LIBRARY = "libnftables.so.1";

    private final MethodHandle run;
    private final MethodHandle output;
    private final MethodHandle errors;
    private final MethodHandle free;
    private final MemorySegment context;

    /// What it said: `errors` is null when it has done what it was told.
    public record Reply(String output, @Nullable String errors) {}

    private Nftables(SymbolLookup library) throws IOException {
        run = call(library, "nft_run_cmd_from_buffer", JAVA_INT, ADDRESS, ADDRESS);
        output = call(library, "nft_ctx_get_output_buffer", ADDRESS, ADDRESS);
        errors = call(library, "nft_ctx_get_error_buffer", ADDRESS, ADDRESS);
        free = Linker.nativeLinker()
                .downcallHandle(library.findOrThrow("nft_ctx_free"), FunctionDescriptor.ofVoid(ADDRESS));
        MethodHandle make = call(library, "nft_ctx_new", ADDRESS, JAVA_INT);
        MethodHandle keepOutput = call(library, "nft_ctx_buffer_output", JAVA_INT, ADDRESS);
        MethodHandle keepErrors = call(library, "nft_ctx_buffer_error", JAVA_INT, ADDRESS);
        try {
            context = (MemorySegment) make.invokeExact(0);
            int kept = (int) keepOutput.invokeExact(context);
            int keptToo = (int) keepErrors.invokeExact(context);
            if (context.equals(MemorySegment.NULL) || kept != 0 || keptToo != 0) {
                throw new IOException("libnftables has no memory");
            }
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw Libc.impossible("nft_ctx_new", impossible);
        }
    }

    private static MethodHandle call(
            SymbolLookup library, String name, MemoryLayout result, MemoryLayout... arguments) {
        return Linker.nativeLinker()
                .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    /// Throws where the library is not installed.
    public static Nftables open() throws IOException {
        try {
            return new Nftables(SymbolLookup.libraryLookup(LIBRARY, Arena.global()));
        } catch (IllegalArgumentException missing) {
            throw new IOException(LIBRARY + " is not installed (`apt-get install libnftables1`)", missing);
        }
    }

    /// Runs commands as one transaction.
    public Reply run(String commands) {
        try (Arena arena = Arena.ofConfined()) {
            int status = (int) run.invokeExact(context, arena.allocateFrom(commands));
            String said = text((MemorySegment) output.invokeExact(context));
            String complaint = text((MemorySegment) errors.invokeExact(context));
            return new Reply(said, status == 0 ? null : complaint);
        } catch (Throwable impossible) {
            throw Libc.impossible("nft_run_cmd_from_buffer", impossible);
        }
    }

    private static String text(MemorySegment start) {
        return start.equals(MemorySegment.NULL)
                ? ""
                : start.reinterpret(Long.MAX_VALUE).getString(0);
    }

    @Override
    public void close() {
        try {
            free.invokeExact(context);
        } catch (Throwable impossible) {
            throw Libc.impossible("nft_ctx_free", impossible);
        }
    }
}
