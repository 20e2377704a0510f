package dev.fairlead.it;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A network namespace of its own, with a thread in it: sockets that the thread makes are of that network, whoever
/// uses them then. Needs root.
final class Namespace implements AutoCloseable {
    private final String name;
    private final ExecutorService thread;

    Namespace(String name) throws IOException, InterruptedException {
        this.name = name;
        NetworkLab.run("ip", "netns", "add", name);
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("netns-" + name).daemon().factory());
        call(() -> {
            enter("/run/netns/" + name);
            return null;
        });
        run("ip", "link", "set", "lo", "up");
    }

    private static void enter(String path) {
        Linker linker = Linker.nativeLinker();
        MethodHandle open = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("open"),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        MethodHandle setns = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("setns"), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        MethodHandle close = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = (int) open.invokeExact(arena.allocateFrom(path), 0);
            int result = (int) setns.invokeExact(descriptor, 0);
            int closed = (int) close.invokeExact(descriptor);
            if (descriptor < 0 || result != 0 || closed != 0) {
                throw new IllegalStateException("no way into " + path);
            }
        } catch (Throwable failed) {
            throw new IllegalStateException(path, failed);
        }
    }

    String name() {
        return name;
    }

    /// Does it in this network.
    <T> T call(Callable<T> what) throws IOException, InterruptedException {
        try {
            return thread.submit(what).get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    /// Runs a command in this network, which must succeed.
    void run(String... command) throws IOException, InterruptedException {
        NetworkLab.run(inside(List.of(command)));
    }

    /// What becomes of a script of Python in this network.
    Child.Result python(String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        command.addAll(List.of(arguments));
        return NetworkLab.attempt(inside(command));
    }

    private String[] inside(List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(command);
        return whole.toArray(String[]::new);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        thread.shutdown();
        NetworkLab.attempt("ip", "netns", "del", name);
    }
}
