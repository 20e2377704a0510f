package dev.fairlead.server.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process that the demo has started, with the same Java and the same modules as its own.
final class Child implements AutoCloseable {
    private static final String SERVER = "dev.fairlead.server";
    private static final int END_SECONDS = 5;

    private final Process process;

    private Child(Process process) {
        this.process = process;
    }

    /// A backend, ready to answer.
    static Child backend(String name, int port) throws IOException {
        List<String> command = java(List.of("-XX:+UseSerialGC", "-Xmx32m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-m", SERVER + "/" + Backend.class.getName(), name, Integer.toString(port)));
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        if (out.readLine() == null) {
            throw new IOException("a backend of the demo cannot listen on 127.0.0.1:" + port + "; is the port taken?");
        }
        return new Child(process);
    }

    /// A Fairlead that runs the given config file as an operator would, and logs to another file. It has the JVM
    /// options of this process.
    static Child fairlead(Path config, Path log) throws IOException {
        List<String> command = java(ownOptions());
        command.addAll(List.of("-m", SERVER + "/dev.fairlead.server.cli.Main", "run", config.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Child(process);
    }

    private static List<String> java(List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        String modules = System.getProperty("jdk.module.path");
        if (modules != null && !options.contains("-p")) {
            command.addAll(List.of("-p", modules));
        }
        return command;
    }

    /// What stands before the main module on the command line of this process, as far as the system tells.
    private static List<String> ownOptions() {
        List<String> arguments =
                List.of(ProcessHandle.current().info().arguments().orElse(new String[0]));
        int main = arguments.indexOf("-m");
        return main < 0 ? List.of() : arguments.subList(0, main);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// SIGTERM, and SIGKILL when that does not help in time.
    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
