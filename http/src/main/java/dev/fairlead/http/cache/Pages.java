package dev.fairlead.http.cache;

import dev.fairlead.sys.MemoryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The memory outside of the heap that kept bodies stand in: pages of one file that is in no folder. Of this file there
/// is far more than memory, so places in it are cheap: one that is given back, whose pages go back to the kernel, is
/// only used again for as many pages, and nothing is ever moved. Any thread.
final class Pages {
    private static final Logger LOG = LoggerFactory.getLogger(Pages.class);
    /// Places are of these many sizes for each doubling: a body may have some pages less than its place.
    private static final int SIZES_BITS = 3;

    private final long bytesMax;
    private final @Nullable MemoryFile file;
    private final Map<Integer, ByteBuffer> segments = new ConcurrentHashMap<>();
    private final Map<Long, Queue<Long>> free = new ConcurrentHashMap<>();
    private final AtomicLong end = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /// Holds so much at most.
    Pages(long bytesMax) {
        this.bytesMax = bytesMax;
        this.file = MemoryFile.open("fairlead-cache");
        if (file == null) {
            LOG.atWarn().log("this system has no memory files: what is kept is in the heap");
        }
    }

    /// Whether there are any here.
    boolean isAvailable() {
        return file != null;
    }

    /// What is taken now.
    long bytes() {
        return bytes.get();
    }

    /// What so many bytes take, in whole pages.
    static long rounded(long size) {
        return (size + MemoryFile.PAGE - 1) & -MemoryFile.PAGE;
    }

    FileChannel channel() {
        return Objects.requireNonNull(file).channel();
    }

    /// Room for a body; null when there is none. Its pages are the caller's until [Region#let].
    @Nullable
    Region take(int size) {
        long taken = rounded(size);
        if (file == null) {
            return null;
        }
        if (bytes.addAndGet(taken) > bytesMax) {
            bytes.addAndGet(-taken);
            return null;
        }
        long place = place(taken);
        Queue<Long> left = free.get(place);
        Long from = left == null ? null : left.poll();
        return new Region(this, from == null ? grow(place) : from, size);
    }

    /// The size of place that so many bytes get.
    private static long place(long taken) {
        long pages = taken / MemoryFile.PAGE;
        int shift = Math.max(0, 63 - Long.numberOfLeadingZeros(pages) - SIZES_BITS);
        long step = 1L << shift;
        return (pages + step - 1 & -step) * MemoryFile.PAGE;
    }

    private long grow(long place) {
        while (true) {
            long at = end.get();
            long left = MemoryFile.SEGMENT - at % MemoryFile.SEGMENT;
            long from = left < place ? at + left : at;
            if (end.compareAndSet(at, from + place)) {
                return from;
            }
        }
    }

    void give(long from, int size) {
        long taken = rounded(size);
        Objects.requireNonNull(file).free(from, taken);
        free.computeIfAbsent(place(taken), _ -> new ConcurrentLinkedQueue<>()).add(from);
        bytes.addAndGet(-taken);
    }

    ByteBuffer view(long from, int size) {
        int number = (int) (from / MemoryFile.SEGMENT);
        return segments.computeIfAbsent(number, this::map).slice((int) (from % MemoryFile.SEGMENT), size);
    }

    private ByteBuffer map(int number) {
        try {
            return Objects.requireNonNull(file).map(number);
        } catch (IOException noAddresses) {
            throw new OutOfMemoryError("the cache's memory cannot be mapped: " + noAddresses);
        }
    }
}
