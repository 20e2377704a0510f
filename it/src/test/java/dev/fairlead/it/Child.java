package dev.fairlead.it;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A process that a test started, with what it wrote. It does not outlive the tests' JVM.
final class Child implements AutoCloseable {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private final Process process;
    private final Path file;
    private volatile String whole;

    private Child(Process process, Path file) {
        this.process = process;
        this.file = file;
        RUNNING.add(process);
    }

    /// What it writes goes to a file, for what is in a pipe has been written and cannot be seen.
    static Child start(Path directory, List<String> command) throws IOException {
        Path file = Files.createTempFile("fairlead-it", ".out");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file.toFile()))
                .start();
        process.getOutputStream().close();
        return new Child(process, file);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// What it has written so far.
    String output() {
        String kept = whole;
        return kept != null ? kept : written();
    }

    private String written() {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void signal(String name) throws IOException, InterruptedException {
        run(Path.of("/"), "kill", "-" + name, Long.toString(pid()));
    }

    /// Waits for its end and returns its status.
    int await(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            fail("%s still runs after %s; it wrote:%n%s", process.info().commandLine(), atMost, output());
        }
        return process.exitValue();
    }

    /// Kills what is left of it.
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        RUNNING.remove(process);
        if (whole == null) {
            whole = written();
            file.toFile().delete();
        }
    }

    /// What a finished command left behind.
    record Result(int status, byte[] output, String errors) {
        String text() {
            return new String(output, StandardCharsets.ISO_8859_1);
        }
    }

    /// Runs a command to its end, at most a minute.
    static Result run(Path directory, String... command) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("fairlead-it", ".err");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(errors.toFile())
                .start();
        process.getOutputStream().close();
        Thread killer = Thread.ofVirtual().start(() -> killAfter(process, Duration.ofMinutes(1)));
        byte[] output;
        try (InputStream in = process.getInputStream()) {
            output = in.readAllBytes();
        }
        int status = process.waitFor();
        killer.interrupt();
        String said = Files.readString(errors);
        Files.delete(errors);
        return new Result(status, output, said);
    }

    private static void killAfter(Process process, Duration time) {
        try {
            if (!process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
                System.out.println("killed after " + time + ": " + process.info());
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
