package dev.fairlead.net;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where exchanges and flows are recorded, one line each. A loop never waits for the disk: its lines go into a ring
/// of its own, from which one thread writes. When the disk cannot keep up, lines are dropped and counted.
public final class AccessLog implements AutoCloseable {
    /// Per loop; about 4000 lines.
    static final int RING_BYTES = 1 << 20;

    /// Lines are gathered for this long, so that a busy log is written in large pieces.
    private static final long GATHER_NANOS = 20_000_000;

    private static final long CLOSE_MILLIS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

    /// One loop's way into the log.
    private record Lane(LogRing ring, LogLine line) {}

    // immutable
    private final @Nullable AccessLogSpec spec;
    private final LongSupplier epochMillis;
    private final int ringBytes;
    private final Counter dropped;
    private final Thread writer = new Thread(this::run, "access-log");

    // the writer only, after open
    private @Nullable FileChannel channel;
    private boolean failing;

    // any thread; lanes are added under the lock, once for each loop
    private volatile @Nullable Lane[] lanes = new Lane[0];
    private volatile boolean sleeping;
    private volatile boolean reopen;
    private volatile boolean closed;

    private AccessLog(@Nullable AccessLogSpec spec, Metrics metrics, LongSupplier epochMillis, int ringBytes) {
        this.spec = spec;
        this.epochMillis = epochMillis;
        this.ringBytes = ringBytes;
        this.dropped = metrics.counter(Metric.ACCESS_LOG_DROPPED);
    }

    /// Opens the log and starts its writer. Null: the log is off. Throws when the file cannot be opened.
    public static AccessLog open(@Nullable AccessLogSpec spec, Metrics metrics) throws IOException {
        return open(spec, metrics, System::currentTimeMillis, RING_BYTES);
    }

    static AccessLog open(@Nullable AccessLogSpec spec, Metrics metrics, LongSupplier epochMillis, int ringBytes)
            throws IOException {
        var log = new AccessLog(spec, metrics, epochMillis, ringBytes);
        if (spec != null) {
            log.channel = channel(spec);
            log.writer.setDaemon(true);
            log.writer.start();
        }
        return log;
    }

    /// False when there is no log: then neither [#line] nor [#write] may be called.
    public boolean isOn() {
        return spec != null;
    }

    public AccessLogSpec.Format format() {
        return spec().format();
    }

    /// The loop's own line, empty. That loop only.
    public LogLine line(Loop loop) {
        assert loop.isHere();
        return line(loop.index());
    }

    /// The line of a thread that is no loop: its `index` is behind those of the loops. That thread only.
    public LogLine line(int index) {
        @Nullable Lane[] seen = lanes;
        Lane lane = index < seen.length ? seen[index] : null;
        return (lane == null ? addLane(index) : lane).line.reset();
    }

    /// Hands the line over. It is the caller's again at once.
    public void write(LogLine line) {
        int length = line.finish();
        LogRing ring = line.ring();
        int before = ring.waiting();
        if (closed || !ring.offer(line.bytes(), length)) {
            dropped.increment();
            return;
        }
        if (sleeping || isHalf(before, before + length)) {
            sleeping = false;
            LockSupport.unpark(writer);
        }
    }

    private boolean isHalf(int before, int after) {
        return before < ringBytes / 2 && after >= ringBytes / 2;
    }

    /// Opens the file again, for whoever has moved it away. Lines go into the old file until that is done. Any
    /// thread; does not wait.
    public void reopen() {
        reopen = true;
        LockSupport.unpark(writer);
    }

    /// Writes what is left and ends. Waits for that, at most some seconds.
    @Override
    public void close() {
        closed = true;
        if (!isOn()) {
            return;
        }
        LockSupport.unpark(writer);
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Lane addLane(int index) {
        @Nullable Lane[] more = Arrays.copyOf(lanes, Math.max(lanes.length, index + 1));
        LogRing ring = new LogRing(ringBytes);
        Lane lane = new Lane(ring, new LogLine(ring, epochMillis));
        more[index] = lane;
        lanes = more;
        return lane;
    }

    private AccessLogSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("the access log is off");
        }
        return spec;
    }

    private static FileChannel channel(AccessLogSpec spec) throws IOException {
        // The streams are the process's and stay open.
        return switch (spec.path()) {
            case "stdout" -> new FileOutputStream(FileDescriptor.out).getChannel();
            case "stderr" -> new FileOutputStream(FileDescriptor.err).getChannel();
            default ->
                FileChannel.open(
                        Path.of(spec.path()),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND);
        };
    }

    private boolean isFile() {
        String path = spec().path();
        return !path.equals("stdout") && !path.equals("stderr");
    }

    /// The writer: gathers, writes, and sleeps without a time-out when nothing came meanwhile.
    private void run() {
        boolean wrote = true;
        while (!closed) {
            if (wrote) {
                LockSupport.parkNanos(this, GATHER_NANOS);
            } else {
                sleepUntilWoken();
            }
            if (reopen) {
                reopen = false;
                openAgain();
            }
            wrote = drain();
        }
        drain();
        closeChannel();
    }

    private void sleepUntilWoken() {
        sleeping = true;
        // Looked at after `sleeping` was set: a line that came before is seen here, one that comes later wakes.
        if (!isWaiting() && !reopen && !closed) {
            LockSupport.park(this);
        }
        sleeping = false;
    }

    private boolean isWaiting() {
        for (Lane lane : lanes) {
            if (lane != null && lane.ring.waiting() > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean drain() {
        boolean wrote = false;
        FileChannel to = channel;
        for (Lane lane : lanes) {
            if (lane == null || to == null || lane.ring.waiting() == 0) {
                continue;
            }
            wrote = true;
            try {
                lane.ring.drainTo(to);
                failing = false;
            } catch (LogRing.LostLines lost) {
                dropped.add(lost.count());
                onFailed("access log cannot be written, lines are dropped", lost.getCause());
            }
        }
        return wrote;
    }

    private void openAgain() {
        if (!isFile()) {
            return;
        }
        drain();
        try {
            FileChannel fresh = channel(spec());
            closeChannel();
            channel = fresh;
            failing = false;
        } catch (IOException failed) {
            onFailed("access log cannot be opened again, the old file is kept", failed);
        }
    }

    /// Says it once, until it works again.
    private void onFailed(String what, @Nullable Throwable cause) {
        if (!failing) {
            failing = true;
            LOG.atError().addKeyValue("path", spec().path()).setCause(cause).log(what);
        }
    }

    private void closeChannel() {
        FileChannel old = channel;
        if (old == null || !isFile()) {
            return;
        }
        try {
            old.close();
        } catch (IOException failed) {
            onFailed("access log cannot be closed", failed);
        }
    }
}
