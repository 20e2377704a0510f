package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.FileBytes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/// Where in the [Pages] one body stands. When nobody holds it its pages go back.
final class Region extends Held implements Place {
    private final Pages pages;
    private final long from;
    private final int size;

    Region(Pages pages, long from, int size) {
        this.pages = pages;
        this.from = from;
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public long weight() {
        return Pages.rounded(size);
    }

    @Override
    public Held owner() {
        return this;
    }

    @Override
    public ByteBuffer view(int at, int to) {
        return pages.view(from + at, to - at);
    }

    @Override
    public ByteBuf lend(int at, int to) {
        hold();
        return new FileBytes(view(at, to), pages.channel(), from + at, this);
    }

    @Override
    void giveBack() {
        pages.give(from, size);
    }
}
