package dev.fairlead.http.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files of the disk tier, `ab/abcd...`, by a hash of the key. One is written beside its place and then moved
/// there in one step: whoever ends the process, at whatever moment, leaves the old file or the new. What a machine that
/// loses its power makes of them, the checksums tell. Threads that may wait for a disk.
final class DiskFolder {
    private static final int HEX = 32;

    private final Path root;
    /// Begun, and not yet moved to their places.
    private final Path begun;

    private @Nullable FileChannel lock;

    DiskFolder(Path root) {
        this.root = root;
        this.begun = root.resolve("begun");
    }

    /// The first half of a key's SHA-256: nobody can make two keys that share it, and the file says its key besides.
    record Name(long high, long low) {
        static Name of(String key) {
            try {
                ByteBuffer hash = ByteBuffer.wrap(
                        MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.ISO_8859_1)));
                return new Name(hash.getLong(), hash.getLong());
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        static @Nullable Name ofFile(String file) {
            if (file.length() != HEX) {
                return null;
            }
            try {
                return new Name(
                        HexFormat.fromHexDigitsToLong(file, 0, HEX / 2),
                        HexFormat.fromHexDigitsToLong(file, HEX / 2, HEX));
            } catch (NumberFormatException another) {
                return null;
            }
        }

        String file() {
            return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
        }
    }

    private Path place(Name name) {
        String file = name.file();
        return root.resolve(file.substring(0, 2)).resolve(file);
    }

    /// Takes the folder for this process. False while another has it.
    boolean open() throws IOException {
        Files.createDirectories(begun);
        FileChannel channel =
                FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock taken;
        try {
            taken = channel.tryLock();
        } catch (OverlappingFileLockException ours) {
            taken = null;
        }
        if (taken == null) {
            channel.close();
            return false;
        }
        lock = channel;
        for (int i = 0; i < 256; i++) {
            Files.createDirectories(root.resolve(HexFormat.of().toHexDigits((byte) i)));
        }
        try (Stream<Path> left = Files.list(begun)) {
            for (Path each : left.toList()) {
                Files.deleteIfExists(each);
            }
        }
        return true;
    }

    void close() throws IOException {
        FileChannel held = lock;
        if (held != null) {
            held.close();
        }
    }

    interface Found {
        void file(Name name, long size);
    }

    /// Tells of every file that is there.
    void list(Found found) throws IOException {
        for (int i = 0; i < 256; i++) {
            try (Stream<Path> files = Files.list(root.resolve(HexFormat.of().toHexDigits((byte) i)))) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Name name = Name.ofFile(String.valueOf(file.getFileName()));
                    if (name != null) {
                        found.file(name, size(file));
                    }
                }
            }
        }
    }

    /// Deletes every file.
    void clear() throws IOException {
        list((name, _) -> {
            try {
                delete(name);
            } catch (IOException kept) {
                throw new UncheckedIOException(kept);
            }
        });
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException goneMeanwhile) {
            return 0;
        }
    }

    /// How many bytes it has.
    long write(Name name, ByteBuffer[] pieces) throws IOException {
        Path file = begun.resolve(name.file());
        long size = 0;
        for (ByteBuffer each : pieces) {
            size += each.remaining();
        }
        try {
            write(file, pieces, size);
            Files.move(file, place(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException unwritable) {
            // A folder that is full is not kept full by halves.
            Files.deleteIfExists(file);
            throw unwritable;
        }
        return size;
    }

    private static void write(Path file, ByteBuffer[] pieces, long size) throws IOException {
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (long written = 0; written < size; ) {
                written += out.write(pieces);
            }
        }
    }

    void delete(Name name) throws IOException {
        Files.deleteIfExists(place(name));
    }

    /// What the file says, its bodies held for the caller; null when it is not there, or is not what was written.
    DiskForm.@Nullable Content read(Name name, OpenFiles open) throws IOException {
        try (DiskFile file = DiskFile.open(place(name))) {
            return file == null ? null : file.whole(name, open);
        }
    }

    /// The same without bodies.
    DiskForm.@Nullable Content heads(Name name) throws IOException {
        try (DiskFile file = DiskFile.open(place(name))) {
            return file == null ? null : file.heads();
        }
    }
}
