package dev.fairlead.upstream;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.Carrier;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One running listener, whatever carries its bytes. The control thread calls it; no call blocks but [#start].
public interface Plane {
    ListenerSpec spec();

    /// What carries it, as it was chosen where the spec leaves it open.
    default Carrier carrier() {
        return Carrier.SOCKET;
    }

    /// Binds and begins to accept. Throws, and leaves nothing behind, when the address cannot be had.
    void start() throws IOException;

    /// Where it accepts: the spec's addresses, with the port that was given where the spec asks for 0. Once started.
    List<AddressRange> boundAddresses();

    /// The first of them.
    default InetSocketAddress boundAddress() {
        return boundAddresses().getFirst().first().socketAddress();
    }

    /// Accepts on those addresses too that the spec has more than [#spec]. Throws when one of them cannot be had; all
    /// is then as before. An [#update] follows.
    void widen(ListenerSpec spec) throws IOException;

    /// Accepts no more on addresses that the spec has not. What has begun there goes on, but for flows of datagrams on
    /// sockets, whose socket is the address's.
    void narrow(ListenerSpec spec);

    /// Throws when it could not do what a spec of the same kind, and the upstreams beside it, will ask of it. Changes
    /// nothing. An [#update] may follow.
    default void check(ListenerSpec spec, Map<String, UpstreamSpec> upstreams) throws IOException {}

    /// Takes a spec of the same kind, whose addresses it has or has been [widened][#widen] to: new flows and exchanges
    /// follow it, what has begun goes on as it began. It narrows to the spec's addresses.
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

    /// Those of its flows that are asked for, from every loop. None where it carries exchanges.
    default CompletableFuture<List<LiveFlow>> flows(FlowQuestion question) {
        return CompletableFuture.completedFuture(List.of());
    }

    /// Where a new flow of this client would go; port 0: its port is not known. Null where it carries exchanges.
    default @Nullable Forecast forecast(InetSocketAddress client) {
        return null;
    }

    /// Cuts what is still on an endpoint: its drain has lasted long enough. Nothing where it carries exchanges, which
    /// end by themselves.
    default void cut(Endpoint endpoint) {}

    /// Cuts what is still there and returns how many that were. After it the plane is over.
    int close();
}
