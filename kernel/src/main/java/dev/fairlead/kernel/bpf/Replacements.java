package dev.fairlead.kernel.bpf;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/// Puts maps into maps of maps. Linux shows programs the new one at once, and then keeps the caller for some
/// milliseconds, until no processor works with the old one any more. Threads wait for that which have nothing else to
/// do: a thousand tables may change at once.
final class Replacements implements AutoCloseable {
    private static final int WAITING = 32;
    private static final long LOOK_NANOS = 20_000;

    private final ExecutorService waiting = Executors.newFixedThreadPool(
            WAITING, Thread.ofPlatform().daemon().name("kernel-tables-", 0).factory());

    /// Comes back when programs see `inner` there, which is closed then or later. One thread for each index.
    void put(KernelMap outer, int index, KernelMap inner) throws IOException {
        int before = inside(outer, index);
        Future<?> done = waiting.submit(() -> {
            try (inner) {
                outer.put(index, inner);
            }
            return null;
        });
        while (!done.isDone() && inside(outer, index) == before) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        if (done.isDone()) {
            complain(done);
        }
    }

    /// The number of the map that is there; -1 when there is none.
    private static int inside(KernelMap outer, int index) {
        ByteBuffer number = KernelMap.buffer(4);
        return outer.get(KernelMap.buffer(4).putInt(0, index), number) ? number.getInt(0) : -1;
    }

    private static void complain(Future<?> done) throws IOException {
        try {
            done.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException reason) {
                throw reason;
            }
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a table was put into its place");
        }
    }

    @Override
    public void close() {
        waiting.shutdown();
    }
}
