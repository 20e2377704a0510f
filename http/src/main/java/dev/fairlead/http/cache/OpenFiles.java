package dev.fairlead.http.cache;

import dev.fairlead.http.cache.DiskFolder.Name;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.sys.DescriptorLimit;
import dev.fairlead.sys.MappedFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of the disk tier that bodies are sent from: so many at most. Any thread.
final class OpenFiles {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);
    /// Beyond that their bodies are read into memory, as those of small files are.
    private static final int MAX = 1024;
    /// The part of the process's descriptors that they may have: most are for connections.
    private static final int PART = 8;

    private final AtomicInteger count = new AtomicInteger();
    private final int countMax;
    /// By the name under which each was opened.
    private final ConcurrentHashMap<Name, List<StoredFile>> all = new ConcurrentHashMap<>();

    OpenFiles(Metrics metrics) {
        long soft = DescriptorLimit.soft();
        this.countMax = soft < 0 ? MAX : (int) Math.min(MAX, soft / PART);
        metrics.gauge(Metric.CACHE_DISK_OPEN, count::get);
    }

    /// Takes the channel when it does not fail. Held by the caller; null when there are too many.
    @Nullable
    StoredFile tryTake(Name name, String key, FileChannel channel) throws IOException {
        if (count.incrementAndGet() > countMax) {
            count.decrementAndGet();
            return null;
        }
        try {
            var file = new StoredFile(this, name, key, new MappedFile(channel));
            all.merge(
                    name,
                    List.of(file),
                    (others, one) ->
                            Stream.concat(others.stream(), one.stream()).toList());
            return file;
        } catch (IOException unmapped) {
            count.decrementAndGet();
            throw unmapped;
        }
    }

    /// The key of files that were opened under this name, and may still be; null when there are none.
    @Nullable
    String key(Name name) {
        List<StoredFile> files = all.get(name);
        return files == null ? null : files.getFirst().key();
    }

    void over(StoredFile file) {
        all.computeIfPresent(file.name(), (_, files) -> {
            List<StoredFile> left =
                    files.stream().filter(each -> !each.equals(file)).toList();
            return left.isEmpty() ? null : left;
        });
        Thread.ofVirtual().start(() -> close(file));
    }

    private void close(StoredFile file) {
        try {
            file.mapped().close();
        } catch (IOException open) {
            LOG.atWarn().addKeyValue("reason", open.toString()).log("a file of the cache's folder does not close");
        } finally {
            count.decrementAndGet();
        }
    }
}
