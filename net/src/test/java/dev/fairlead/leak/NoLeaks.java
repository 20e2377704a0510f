package dev.fairlead.leak;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test class when a buffer was leaked: `@ExtendWith(NoLeaks.class)`. It must be on every class of a room
/// that touches buffers, for Netty takes its leak detector once; this is checked, by leaking one on purpose.
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static final long GC_MILLIS_MAX = 5_000;
    private static boolean isChecked;

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval, long maxActive) {
                return new Recorder<>(type, interval);
            }

            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval) {
                return new Recorder<>(type, interval);
            }
        });
    }

    private static final class Recorder<T> extends ResourceLeakDetector<T> {
        Recorder(Class<T> type, int interval) {
            super(type, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
            LEAKS.add(type + records);
        }

        @Override
        protected void reportUntracedLeak(String type) {
            LEAKS.add(type);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (!isChecked) {
            isChecked = true;
            leakOne();
            if (found().isEmpty()) {
                throw new AssertionError("leaks are not seen: run with -Dio.netty.leakDetection.level=paranoid,"
                        + " and put this extension on every test class that touches buffers");
            }
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        List<String> leaks = found();
        if (!leaks.isEmpty()) {
            throw new AssertionError("buffers leaked: " + String.join("\n", leaks));
        }
    }

    private static void leakOne() {
        ByteBuf leaked = PooledByteBufAllocator.DEFAULT.directBuffer(16);
        leaked.writeByte(1);
    }

    /// Leaks are found when their trackers have been collected, and reported when the next buffer is made.
    private static List<String> found() throws InterruptedException {
        for (int round = 0; round < 2; round++) {
            var collected = new ReferenceQueue<Object>();
            var canary = new WeakReference<>(new Object(), collected);
            System.gc();
            if (collected.remove(GC_MILLIS_MAX) != canary) {
                throw new AssertionError("no garbage was collected");
            }
            PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        List<String> leaks = new ArrayList<>();
        for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }
}
