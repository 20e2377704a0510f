package dev.fairlead.kernel.bpf;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Puts maps into maps of maps. Linux shows programs the new one at once, and then keeps the caller for some
/// milliseconds, until no processor works with the old one any more. Threads wait for that which have nothing else to
/// do: a thousand tables may change at once. However many wait, Linux lets all go at the same time, so there are many;
/// when nobody has to wait any more, they end.
final class Replacements implements AutoCloseable {
    private static final int WAITING = 256;
    private static final long IDLE_SECONDS = 2;
    private static final long LOOK_NANOS = 20_000;

    /// Mostly it is there within some ten microseconds, less than any park takes.
    private static final int LOOKS_AT_ONCE = 100;

    /// What the kernel is asked for.
    interface Act {
        void run() throws IOException;
    }

    private final ThreadPoolExecutor waiting =
            threads(Thread.ofPlatform().daemon().name("kernel-tables-", 0).factory());

    /// One that is idle is taken before another is made; when all wait, who comes does so for itself.
    static ThreadPoolExecutor threads(ThreadFactory factory) {
        return new ThreadPoolExecutor(
                0, WAITING, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory, (task, pool) -> {
                    if (pool.isShutdown()) {
                        throw new RejectedExecutionException("it has ended");
                    }
                    task.run();
                });
    }

    /// Comes back when programs see `inner` there, which is closed then or later. One thread for each index.
    @SuppressWarnings("ThreadPriorityCheck") // A yield may do nothing: it is right even so.
    void put(KernelMap outer, int index, KernelMap inner) throws IOException {
        ByteBuffer key = KernelMap.buffer(4).putInt(0, index);
        ByteBuffer number = KernelMap.buffer(4);
        int before = inside(outer, key, number);
        Future<?> done = submit(waiting, () -> outer.put(index, inner), inner::close);
        for (int looks = 0; !done.isDone() && inside(outer, key, number) == before; looks++) {
            if (looks < LOOKS_AT_ONCE) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
        if (done.isDone()) {
            complain(done);
        }
    }

    /// Does `act`, and then `end`; where there is no thread for that, `end` alone, at once.
    static Future<?> submit(ThreadPoolExecutor threads, Act act, Runnable end) throws IOException {
        try {
            return threads.submit(() -> {
                try {
                    act.run();
                } finally {
                    end.run();
                }
                return null;
            });
        } catch (RejectedExecutionException | OutOfMemoryError none) {
            // Linux lets a process have so many threads only, which Java calls an OutOfMemoryError.
            end.run();
            throw new IOException("no thread to put a table into its place: " + none.getMessage(), none);
        }
    }

    /// The number of the map that is there; -1 when there is none.
    private static int inside(KernelMap outer, ByteBuffer key, ByteBuffer number) {
        return outer.get(key, number) ? number.getInt(0) : -1;
    }

    private static void complain(Future<?> done) throws IOException {
        try {
            done.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException reason) {
                throw reason;
            }
            throw new IOException("a table was not put into its place: " + failed.getCause(), failed.getCause());
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
