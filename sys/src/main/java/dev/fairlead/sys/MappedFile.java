package dev.fairlead.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// A file on a disk that can be read as a buffer, and be sent to a socket without being copied (sendfile(2)). It is
/// there, though its name is gone or another's, until it is closed. Any thread.
public final class MappedFile {
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;

    /// Takes the channel, which is open for writing too, when it does not fail. Nothing is written to the file: a
    /// private mapping is one that whoever wants a buffer that can be written to takes for one.
    public MappedFile(FileChannel channel) throws IOException {
        this.channel = channel;
        this.bytes = channel.map(FileChannel.MapMode.PRIVATE, 0, channel.size(), arena);
    }

    /// To be sent from. Nobody else closes it, and nobody who may be interrupted reads it: that would close it.
    public FileChannel channel() {
        return channel;
    }

    /// The bytes `[from, to)`, until it is closed. Whoever reads them may wait for the disk.
    public ByteBuffer view(long from, long to) {
        return bytes.asSlice(from, to - from).asByteBuffer();
    }

    /// Nobody uses it any more. Every thread of the process is asked whether that is so: not for loops.
    public void close() throws IOException {
        arena.close();
        channel.close();
    }
}
