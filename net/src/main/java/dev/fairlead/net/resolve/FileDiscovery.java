package dev.fairlead.net.resolve;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.EndpointsFile;
import dev.fairlead.config.EndpointsFile.Stamp;
import dev.fairlead.config.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The endpoints that a file lists. It is looked at, not watched by the kernel's means: those see neither network
/// file systems nor the mounts of containers. A change is read once the file has rested from one look to the next,
/// so that nobody's half-written list is taken for a whole one.
final class FileDiscovery implements Discovery {
    static final Duration LOOK = Duration.ofMillis(250);
    private static final int PROBLEMS_SHOWN = 5;

    private final Path file;
    private final boolean keepsPort;
    private final Executor disk;
    private @Nullable Stamp seen;
    private @Nullable Stamp read;

    /// `disk` runs what waits for the disk.
    FileDiscovery(Path file, boolean keepsPort, Executor disk) {
        this.file = file;
        this.keepsPort = keepsPort;
        this.disk = disk;
    }

    @Override
    public CompletionStage<Answer> ask() {
        return CompletableFuture.supplyAsync(this::look, disk);
    }

    private Answer look() {
        Stamp now = EndpointsFile.stamp(file);
        boolean rests = seen == null || now.equals(seen);
        seen = now;
        if (!rests || now.equals(read)) {
            return new Unchanged(LOOK);
        }
        EndpointsFile.Reading reading = EndpointsFile.read(file, keepsPort);
        if (!EndpointsFile.stamp(file).equals(now)) {
            return new Unchanged(LOOK);
        }
        read = now;
        List<EndpointSpec> endpoints = reading.endpoints();
        return endpoints == null ? new Failed(text(reading.problems()), LOOK) : new Found(endpoints, LOOK);
    }

    private static String text(List<Problem> problems) {
        String shown =
                problems.stream().limit(PROBLEMS_SHOWN).map(Problem::headline).collect(Collectors.joining("; "));
        int more = problems.size() - PROBLEMS_SHOWN;
        return more > 0 ? shown + "; and " + more + " more" : shown;
    }
}
