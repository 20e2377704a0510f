package dev.fairlead.http.exchange;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Bytes of a body that are in a file as well as in memory: whoever has a plain socket to send them on may have the
/// kernel take them from the file ([#region]); to all others it is a buffer. They are another's, who is told when they
/// are not needed any more.
public final class FileBytes extends UnpooledDirectByteBuf {
    /// Whose bytes they are. Any thread.
    public interface Owner {
        void let();
    }

    private final FileChannel file;
    private final long from;
    private final Owner owner;

    /// All of `view` stands in the file from there on. Takes a hold of the owner's.
    public FileBytes(ByteBuffer view, FileChannel file, long from, Owner owner) {
        super(UnpooledByteBufAllocator.DEFAULT, view, view.remaining());
        this.file = file;
        this.from = from;
        this.owner = owner;
    }

    /// What is still to be read of it, in its place: it is released with that.
    public FileRegion region() {
        return new Region(file, from + readerIndex(), readableBytes());
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        owner.let();
    }

    private final class Region extends DefaultFileRegion {
        Region(FileChannel file, long from, long count) {
            super(file, from, count);
        }

        /// The file stays open.
        @Override
        protected void deallocate() {
            FileBytes.this.release();
        }
    }
}
