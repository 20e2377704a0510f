package dev.fairlead.upstream;

import dev.fairlead.config.ListenerSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// One running listener, whatever carries its bytes. The control thread calls it; no call blocks but [#start].
public interface Plane {
    ListenerSpec spec();

    /// Binds and begins to accept. Throws, and leaves nothing behind, when the address cannot be had.
    void start() throws IOException;

    /// Where it accepts: the spec's address, with the port that was given when the spec asks for 0. Once started.
    InetSocketAddress boundAddress();

    /// Takes a spec of the same kind and address: new flows and exchanges follow it, what has begun goes on as it
    /// began.
    void update(ListenerSpec spec);

    /// Looks whether a file has changed that it follows by itself, such as a certificate. Called now and then by a
    /// thread that may wait for the disk.
    default void look(long nowNanos) {}

    /// Accepts nothing new and lets what has begun come to its end.
    void drain();

    /// It drains, and another plane wants the UDP port that it has beside its TCP port: gives that up at once.
    default void giveUpDatagrams() {}

    /// The process comes to its end: as [#drain], but for what goes on without it.
    default void leave() {
        drain();
    }

    /// Connections (or flows) still there. A drained plane is one that drains and has none.
    int open();

    /// Of these, the ones that were upgraded to another protocol and are as long as their two ends please.
    default int openTunnels() {
        return 0;
    }

    /// The first `count` of its flows in this order, from every loop. None where it carries exchanges.
    default CompletableFuture<List<LiveFlow>> flows(FlowOrder order, int count) {
        return CompletableFuture.completedFuture(List.of());
    }

    /// Cuts what is still on an endpoint: its drain has lasted long enough. Nothing where it carries exchanges, which
    /// end by themselves.
    default void cut(Endpoint endpoint) {}

    /// Cuts what is still there and returns how many that were. After it the plane is over.
    int close();
}
