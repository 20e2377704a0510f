package dev.fairlead.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The event loops of the process: as many threads as cores, each with its own sockets.
public final class Loops implements AutoCloseable {
    private final int process = new SecureRandom().nextInt();
    private final Transport transport;
    private final MultiThreadIoEventLoopGroup group;
    private final List<Loop> all;

    /// `count` loops; 0: one per core that the process may use.
    public Loops(int count) {
        this(count, Transport.best());
    }

    /// As above, that wait in this way.
    public Loops(int count, Transport transport) {
        this.transport = transport;
        int loops = count(count);
        this.group = new MultiThreadIoEventLoopGroup(
                loops, new DefaultThreadFactory("loop", false, Thread.MAX_PRIORITY), transport.ioHandler());
        List<Loop> made = new ArrayList<>();
        for (int i = 0; i < loops; i++) {
            made.add(new Loop(i, group.next(), transport));
        }
        this.all = List.copyOf(made);
    }

    /// How many there will be where so many are asked for; 0 is one for each processor.
    public static int count(int wanted) {
        return wanted > 0 ? wanted : Runtime.getRuntime().availableProcessors();
    }

    public List<Loop> all() {
        return all;
    }

    /// The one whose thread this is.
    public Loop of(EventLoop thread) {
        for (Loop loop : all) {
            if (loop.eventLoop().equals(thread)) {
                return loop;
            }
        }
        throw new IllegalArgumentException("not one of these loops: " + thread);
    }

    /// A number drawn by chance, by which the process knows what it has given out itself.
    public int process() {
        return process;
    }

    public int count() {
        return all.size();
    }

    public Transport transport() {
        return transport;
    }

    /// Acts once no loop can be about to use what it has read before: each has come to the end of what it does now.
    public void afterAll(Runnable act) {
        AtomicInteger left = new AtomicInteger(count());
        for (Loop loop : all) {
            loop.eventLoop().execute(() -> {
                if (left.decrementAndGet() == 0) {
                    act.run();
                }
            });
        }
    }

    /// Where the buffers of all channels come from. Chosen here and not left to Netty's default, which has changed
    /// between versions: the pooled allocator's memory is bounded by what is in flight and does not grow with time.
    static ByteBufAllocator buffers() {
        return PooledByteBufAllocator.DEFAULT;
    }

    /// Bytes that the I/O buffers hold of the system, whether in use now or kept for the next.
    public static long bufferBytes() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    /// Ends the threads; channels that are open are closed. Waits until it is done, at most a few seconds.
    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
