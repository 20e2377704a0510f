package dev.fairlead.it;

import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
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
    private final StringBuffer output = new StringBuffer();
    private final Thread reader;

    private Child(Process process) {
        this.process = process;
        RUNNING.add(process);
        this.reader = Thread.ofVirtual().start(this::collect);
    }

    static Child start(Path directory, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        return new Child(process);
    }

    private void collect() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.append(line).append('\n');
            }
        } catch (IOException e) {
            output.append(e).append('\n');
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() {
        return output.toString();
    }

    void signal(String name) throws IOException, InterruptedException {
        run(Path.of("/"), "kill", "-" + name, Long.toString(pid()));
    }

    /// Waits for its end and returns its status.
    int await(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            fail("%s still runs after %s; it wrote:%n%s", process.info().commandLine(), atMost, output());
        }
        reader.join(atMost);
        return process.exitValue();
    }

    /// Kills what is left of it.
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        RUNNING.remove(process);
    }

    /// What a finished command left behind.
    record Result(int status, byte[] output, String errors) {
        String text() {
            return new String(output, java.nio.charset.StandardCharsets.ISO_8859_1);
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
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
