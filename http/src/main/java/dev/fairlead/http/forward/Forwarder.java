package dev.fairlead.http.forward;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.filter.StickyFields;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Upstream;

/// Sends exchanges to endpoints, over the connections of one loop. This loop only.
public final class Forwarder {
    private final Loop loop;
    private final Bytes scratch;
    private final Pool pool = new Pool();
    private final StickyFields sticky = new StickyFields();

    /// `scratch` is the loop's: heads are put together in it.
    public Forwarder(Loop loop, Bytes scratch) {
        this.loop = loop;
        this.scratch = scratch;
    }

    /// Begins to forward; the answer may come before this returns.
    public Upload begin(Exchange exchange, Upstream upstream) {
        sticky.read(exchange, upstream);
        var forwarding = new Forwarding(this, exchange, upstream);
        forwarding.begin();
        return forwarding;
    }

    /// Closes every idle connection.
    public void closeIdle() {
        pool.close();
    }

    Loop loop() {
        return loop;
    }

    Bytes scratch() {
        return scratch;
    }

    StickyFields sticky() {
        return sticky;
    }

    Pool pool() {
        return pool;
    }
}
