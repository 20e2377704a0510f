package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Bpf;
import dev.fairlead.sys.BpfFileSystem;
import dev.fairlead.sys.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A directory of a BPF file system: maps and links that have names in it outlive the process.
public final class Pins {
    /// What names of links begin with: of the program that all packets come by, of that for packets that leave, of that
    /// in drivers, and of those for sockets of this host.
    public static final String LINK = "link_";

    public static final String LEAVING_LINK = "out_";
    public static final String DRIVER_LINK = "xdp_";
    public static final String HOST_LINK = "host_";
    private static final List<String> LINKS = List.of(LINK, LEAVING_LINK, DRIVER_LINK, HOST_LINK);

    private final Path directory;

    private Pins(Path directory) {
        this.directory = directory;
    }

    /// Makes the directory when it is not there, and mounts the file system in its usual place when nobody has.
    /// Throws when that cannot be done, with the reason.
    public static Pins at(Path directory) throws IOException {
        if (directory.startsWith(BpfFileSystem.USUAL)
                && Files.isDirectory(BpfFileSystem.USUAL)
                && !BpfFileSystem.has(BpfFileSystem.USUAL)) {
            int result = BpfFileSystem.mount(BpfFileSystem.USUAL);
            if (result < 0) {
                throw new IOException("no BPF file system is mounted, and this process may not: `mount -t bpf bpf "
                        + BpfFileSystem.USUAL + "` (" + Errno.text(result) + ")");
            }
        }
        try {
            Files.createDirectories(directory);
        } catch (AccessDeniedException denied) {
            throw new IOException("this process may not make " + directory
                    + " (Permission denied): make it beforehand, as one of this user in a directory that he may enter");
        }
        if (!BpfFileSystem.has(directory)) {
            throw new IOException(directory + " is not in a BPF file system");
        }
        if (!Files.isWritable(directory)) {
            throw new IOException("this process may not write in " + directory + " (Permission denied)");
        }
        return new Pins(directory);
    }

    /// Only when the directory is there; null otherwise. Throws when this process may not look.
    public static @Nullable Pins existing(Path directory) throws IOException {
        try {
            boolean isThere =
                    Files.readAttributes(directory, BasicFileAttributes.class).isDirectory();
            return isThere && BpfFileSystem.has(directory) ? new Pins(directory) : null;
        } catch (NoSuchFileException absent) {
            return null;
        } catch (AccessDeniedException denied) {
            throw new IOException("this process may not look into " + directory + " (Permission denied)", denied);
        }
    }

    public Path directory() {
        return directory;
    }

    public boolean has(MapSpec spec) {
        return Files.exists(directory.resolve(spec.name()));
    }

    /// The map of this name that is there, whose kind and sizes the caller has to know.
    public KernelMap there(MapSpec spec) throws IOException {
        return KernelMap.of(spec, open(spec.name()));
    }

    /// The same; it is made when it is not there.
    public KernelMap map(MapSpec spec) throws IOException {
        if (has(spec)) {
            return there(spec);
        }
        KernelMap made = KernelMap.create(spec);
        try {
            pin(made.descriptor(), spec.name());
        } catch (IOException failed) {
            made.close();
            throw failed;
        }
        return made;
    }

    /// What has this name has none any more, if it had.
    public void unpin(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    /// Removes links whose names begin so, but for those to these interfaces.
    public void keepLinks(String kind, Collection<Integer> interfaces) throws IOException {
        Set<Integer> wanted = new HashSet<>(interfaces);
        for (String name : names()) {
            if (name.startsWith(kind) && !wanted.contains(Integer.parseInt(name.substring(kind.length())))) {
                remove(name);
            }
        }
    }

    /// Puts the program on an interface, or where else its hook is: into the link of this name, in one step, or into a
    /// new one.
    public Link attach(LoadedProgram program, String name, int target, int flags) throws IOException {
        if (Files.exists(directory.resolve(name))) {
            BpfLink there = new BpfLink(open(name));
            if (there.tryReplace(program)) {
                return there;
            }
            there.close();
            remove(name);
        }
        BpfLink made = program.link(target, name, flags);
        try {
            pin(made.descriptor(), name);
        } catch (IOException failed) {
            made.close();
            throw failed;
        }
        return made;
    }

    /// The numbers of the interfaces to which there are links.
    public List<Integer> interfaces() throws IOException {
        return names().stream()
                .filter(name -> name.startsWith(LINK))
                .map(name -> Integer.parseInt(name.substring(LINK.length())))
                .sorted()
                .toList();
    }

    /// Links first: the program goes before its maps do.
    public void clear() throws IOException {
        for (String name : names()) {
            if (LINKS.stream().anyMatch(name::startsWith)) {
                remove(name);
            }
        }
        for (String name : names()) {
            remove(name);
        }
    }

    /// As [#clear], and the directory goes too, unless somebody else has made it for this process.
    public void delete() throws IOException {
        clear();
        if (Files.isWritable(directory.toAbsolutePath().getParent())) {
            Files.delete(directory);
        }
    }

    private int open(String name) throws IOException {
        int descriptor = Bpf.pinned(directory.resolve(name).toString());
        if (descriptor < 0) {
            throw new IOException("Linux gave nothing for " + directory.resolve(name) + ": " + Errno.text(descriptor));
        }
        return descriptor;
    }

    private void pin(int descriptor, String name) throws IOException {
        int result = Bpf.pin(descriptor, directory.resolve(name).toString());
        if (result < 0) {
            throw new IOException("Linux gave nothing the name " + directory.resolve(name) + ": " + Errno.text(result));
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    private void remove(String name) throws IOException {
        Files.delete(directory.resolve(name));
    }
}
