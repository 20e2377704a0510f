package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Bpf;
import dev.fairlead.sys.Errno;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;

/// A program that Linux has verified and compiled.
public final class LoadedProgram implements AutoCloseable {
    /// What the program says of itself, so that it may look up routes (`bpf_fib_lookup`): whoever writes it, as
    /// `Translation` does, offers it under these licenses besides the project's own.
    private static final String LICENSE = "Dual MIT/GPL";

    private final Hook hook;
    private final int descriptor;

    private LoadedProgram(Hook hook, int descriptor) {
        this.hook = hook;
        this.descriptor = descriptor;
    }

    /// `maps`: what the program's maps are called, and the maps.
    public static LoadedProgram load(Program program, Map<MapSpec, KernelMap> maps) throws IOException {
        byte[] code = program.encode(
                map -> Objects.requireNonNull(maps.get(map), map.name()).descriptor());
        Bpf.Loaded loaded = Bpf.load(
                program.name(),
                code,
                LICENSE,
                program.hook().programType(),
                program.hook().attachType());
        if (loaded.descriptor() < 0) {
            throw new VerifierRefusal(program.withLines(), Errno.text(loaded.descriptor()), loaded.log());
        }
        return new LoadedProgram(program.hook(), loaded.descriptor());
    }

    Hook hook() {
        return hook;
    }

    int descriptor() {
        return descriptor;
    }

    /// Runs it on a packet, `repeat` times.
    public Bpf.TestRun test(byte[] packet, int repeat) {
        return Bpf.test(descriptor, packet, repeat);
    }

    /// Lets it see what comes in on an interface, by its number, or what processes of a control group do, by a
    /// descriptor.
    /// `flags`: how, in a driver; 0 otherwise.
    public Link attach(int target, String name, int flags) throws IOException {
        return link(target, name, flags);
    }

    BpfLink link(int target, String name, int flags) throws IOException {
        int link = Bpf.link(descriptor, target, hook.attachType(), flags);
        if (link == Bpf.EINVAL) {
            throw new NoLinks("Linux puts no program on " + name + " in this way: " + Errno.text(link));
        }
        if (link < 0) {
            throw new IOException("Linux put no program on " + name + ": " + Errno.text(link));
        }
        return new BpfLink(link);
    }

    @Override
    public void close() {
        Bpf.close(descriptor);
    }
}
