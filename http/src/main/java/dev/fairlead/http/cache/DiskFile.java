package dev.fairlead.http.cache;

import dev.fairlead.http.cache.DiskFolder.Name;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One file of the disk tier while it is read: what is not what was written is not used. Threads that may wait for a
/// disk.
final class DiskFile implements AutoCloseable {
    /// What is smaller is read into memory: the kernel copies less in less time than a system call of its own costs.
    private static final int SENT_MIN = 32 << 10;

    private static final int STEP = 128 << 10;

    private final FileChannel in;
    private boolean isTaken;

    private DiskFile(FileChannel in) {
        this.in = in;
    }

    /// Null when it is not there.
    static @Nullable DiskFile open(Path place) throws IOException {
        try {
            return new DiskFile(FileChannel.open(place, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (NoSuchFileException gone) {
            return null;
        }
    }

    /// What it says, without bodies.
    DiskForm.@Nullable Content heads() throws IOException {
        DiskForm.Prefix prefix = prefix();
        return prefix == null ? null : heads(prefix);
    }

    private DiskForm.@Nullable Prefix prefix() throws IOException {
        return DiskForm.prefix(bytes(0, DiskForm.PREFIX));
    }

    private DiskForm.@Nullable Content heads(DiskForm.Prefix prefix) throws IOException {
        return prefix.bodies() > in.size()
                ? null
                : DiskForm.read(prefix, bytes(DiskForm.PREFIX, prefix.bodies()).array());
    }

    /// All of it, with the bodies held for the caller. Large ones stay in the file, if one more may be open.
    DiskForm.@Nullable Content whole(Name name, OpenFiles open) throws IOException {
        DiskForm.Prefix prefix = prefix();
        DiskForm.Content heads = prefix == null ? null : heads(prefix);
        if (prefix == null || heads == null || in.size() != prefix.bodies() + heads.size()) {
            return null;
        }
        int from = prefix.bodies();
        if (heads.size() >= SENT_MIN) {
            // Read by steps, which leaves it with the system, to be sent from there.
            if (!prefix.isOf(sum(from, in.size()))) {
                return null;
            }
            StoredFile file = open.tryTake(name, heads.key(), in);
            if (file != null) {
                isTaken = true;
                DiskForm.Content sent = heads.with(from, (at, size) -> extent(file, at, size));
                file.let();
                return sent;
            }
        }
        ByteBuffer bodies = bytes(from, in.size());
        var sum = new CRC32C();
        sum.update(bodies.duplicate());
        return prefix.isOf(sum) ? heads.with(0, (at, size) -> copied(bodies, (int) at, size)) : null;
    }

    private static Body extent(StoredFile file, long at, int length) {
        if (length < Body.SMALL) {
            return copied(file.mapped().view(at, at + length), 0, length);
        }
        file.hold();
        return new StandingBody(new Extent(file, at, length));
    }

    private static Body copied(ByteBuffer from, int at, int length) {
        byte[] body = new byte[length];
        from.get(at, body);
        return Body.of(body);
    }

    private CRC32C sum(long from, long to) throws IOException {
        var sum = new CRC32C();
        ByteBuffer step = ByteBuffer.allocate(STEP);
        for (long at = from; at < to; at += STEP) {
            step.clear().limit((int) Math.min(STEP, to - at));
            fill(step, at);
            sum.update(step);
        }
        return sum;
    }

    private ByteBuffer bytes(long from, long to) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) (to - from));
        fill(all, from);
        return all;
    }

    /// With as much as there is.
    private void fill(ByteBuffer all, long from) throws IOException {
        while (all.hasRemaining() && in.read(all, from + all.position()) >= 0) {
            // The rest.
        }
        all.flip();
    }

    @Override
    public void close() throws IOException {
        if (!isTaken) {
            in.close();
        }
    }
}
