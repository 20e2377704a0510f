package dev.fairlead.net;

import dev.fairlead.config.ClientsSpec;
import dev.fairlead.config.ProxyProtocolInSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Accepts the connections of one listener, on every loop at once: with epoll each loop has a listening socket of
/// its own (`SO_REUSEPORT`) and what it accepts stays there; elsewhere the first loop accepts and deals out in
/// turn.
///
/// No more than `maxConnections` are let in. Above that accepting stops and the kernel's queue holds the rest; the
/// few that were accepted in the same breath are parked, unread, until there is room.
public final class Acceptor implements Bindings.Binder {
    /// The kernel caps it at `net.core.somaxconn`.
    private static final int BACKLOG = 4096;

    /// Out of descriptors: how long to wait for some to be given back before asking again.
    private static final long DESCRIPTOR_PAUSE_MILLIS = 100;

    /// Longer than a round trip: a handshake that has begun when a drain begins is over by then.
    private static final long LAST_CALL_MILLIS = 200;

    // immutable
    private final Loops loops;
    private final Arrivals arrivals;
    private final boolean halfClosure;
    private final Counter accepted;
    private final Counter pausesDescriptors;
    private final Entrance entrance;
    private final List<Door> doors = new CopyOnWriteArrayList<>();

    // any thread
    private final Headcount inside;
    private volatile boolean draining;

    public Acceptor(
            Loops loops, String listener, int maxConnections, boolean halfClosure, Metrics metrics, Arrivals arrivals) {
        this.loops = loops;
        this.halfClosure = halfClosure;
        this.arrivals = arrivals;
        this.entrance = new Entrance(listener, metrics);
        this.accepted = metrics.counter(Metric.LISTENER_CONNECTIONS, listener);
        Counter pausesFull = metrics.counter(Metric.LISTENER_ACCEPT_PAUSES, listener, "max-connections");
        this.inside = new Headcount(maxConnections, pausesFull, this::resume);
        this.pausesDescriptors = metrics.counter(Metric.LISTENER_ACCEPT_PAUSES, listener, "descriptors");
        metrics.gauge(Metric.LISTENER_CONNECTIONS_OPEN, inside::open, listener);
    }

    /// Binds. Throws when the address cannot be had, and then nothing is left behind. Control thread; blocks
    /// shortly.
    @Override
    public InetSocketAddress bind(InetSocketAddress address) throws IOException {
        boolean onEveryLoop = loops.transport() == Transport.EPOLL;
        if (onEveryLoop && address.getPort() != 0) {
            // SO_REUSEPORT would let a second process take half of our connections without a word.
            Listening.probe(address);
        }
        InetSocketAddress bound = address;
        List<Door> fresh = new ArrayList<>();
        try {
            for (Loop loop : onEveryLoop ? loops.all() : loops.all().subList(0, 1)) {
                Door door = new Door(loop);
                fresh.add(door);
                doors.add(door);
                bound = door.bind(bound, onEveryLoop);
            }
        } catch (IOException failed) {
            abandon(fresh);
            throw failed;
        } catch (ChannelException failed) {
            // There is no descriptor left.
            abandon(fresh);
            throw unavailable(address, failed);
        }
        return bound;
    }

    private void abandon(List<Door> fresh) {
        fresh.forEach(Door::close);
        doors.removeAll(fresh);
    }

    private static IOException unavailable(InetSocketAddress address, Throwable reason) {
        return new IOException("cannot listen on " + address + ": " + reason.getMessage(), reason);
    }

    /// Stops listening on one address that it has bound, as in [#drain]; the others go on. Control thread.
    @Override
    public void release(InetSocketAddress address) {
        for (Door door : doors) {
            if (address.equals(door.bound)) {
                door.drain();
            }
        }
    }

    /// Connections let in and not yet closed. During the last call of a drain there may be more to come: that
    /// counts as one.
    public int open() {
        return inside.open() + (draining && !doors.isEmpty() ? 1 : 0);
    }

    public void maxConnections(int max) {
        inside.max(max);
    }

    /// What is asked of those who come in from now on. Control thread.
    public void entrance(@Nullable ProxyProtocolInSpec proxied, @Nullable ClientsSpec clients) {
        entrance.update(proxied, clients);
    }

    /// Stops listening and loses nobody: no new handshake begins, and who has one under way is let in. Control
    /// thread.
    public void drain() {
        draining = true;
        for (Door door : doors) {
            door.drain();
        }
    }

    /// Stops listening at once: who waits in the kernel's queue is reset. What was let in stays.
    public void close() {
        for (Door door : doors) {
            door.close();
        }
        doors.clear();
    }

    /// Asks for a client whose connection was accepted elsewhere, and counts it in. What is to be run when it has
    /// left; null: it may not come in. Any thread.
    public @Nullable Runnable tryEnter(InetSocketAddress client) {
        accepted.increment();
        var visit = new ClientGate.Visit();
        Refusal refusal = entrance.onAccepted(client, visit);
        if (refusal == null && !draining && inside.tryEnter()) {
            return () -> {
                visit.end();
                inside.onLeft();
            };
        }
        if (refusal != null) {
            entrance.onRefused(refusal, client);
        }
        visit.end();
        return null;
    }

    /// Whether one who comes by datagrams has to show its address before [#tryEnter]: a forged one would take a place
    /// of somebody else's, or one of the last half. Any thread.
    public boolean wantsProof() {
        return entrance.countsClients() || inside.isHalfFull();
    }

    private boolean takesSockets() {
        return arrivals.takesSockets() && entrance.isPlain();
    }

    private void resume() {
        for (Door door : doors) {
            // Loops that end close their channels, and each of those comes by here.
            if (!door.loop.eventLoop().isShuttingDown()) {
                door.loop.eventLoop().execute(door::resume);
            }
        }
    }

    /// One listening socket. Its fields belong to its loop.
    private final class Door extends ChannelInboundHandlerAdapter implements Listening.Taker {
        private final Loop loop;
        private final ServerChannel server;
        private final ArrayDeque<Caller> parked = new ArrayDeque<>();
        private @Nullable Listening listening;
        private int turn;

        // written by the control thread
        private volatile @Nullable InetSocketAddress bound;

        Door(Loop loop) {
            this.loop = loop;
            this.server = loop.transport().serverSocket();
        }

        InetSocketAddress bind(InetSocketAddress address, boolean reusePort) throws IOException {
            server.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
            server.config().setOption(ChannelOption.SO_REUSEADDR, true);
            if (reusePort) {
                server.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
            }
            boolean isBare = arrivals.mayTakeSockets() && server instanceof EpollServerSocketChannel;
            server.config().setAutoRead(!isBare);
            server.pipeline().addLast(this);
            loop.eventLoop().register(server).awaitUninterruptibly();
            ChannelFuture result = server.bind(address).awaitUninterruptibly();
            if (!result.isSuccess()) {
                throw unavailable(address, result.cause());
            }
            if (isBare) {
                server.deregister().awaitUninterruptibly();
                loop.eventLoop().submit(this::listen).awaitUninterruptibly();
            }
            InetSocketAddress got = (InetSocketAddress) server.localAddress();
            bound = got;
            return got;
        }

        private void listen() {
            listening = new Listening((EpollServerSocketChannel) server, this);
            listening.begin(loop);
            reading(!inside.isPaused());
        }

        private void reading(boolean on) {
            if (listening == null) {
                server.config().setAutoRead(on);
            } else {
                listening.reading(on);
            }
        }

        @Override
        public void onAccepted(int descriptor, InetSocketAddress client) {
            accepted(new Caller.Bare(descriptor, client, new ClientGate.Visit()));
            if (inside.isPaused()) {
                reading(false);
            }
        }

        @Override
        public void onFailed() {
            // EMFILE, ENFILE, ENOBUFS: accept would fail again at once, and forever.
            pauseForDescriptors();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            accepted(new Caller.OfChannel((SocketChannel) message));
        }

        private void accepted(Caller caller) {
            accepted.increment();
            Refusal refusal = refusalOf(caller);
            if (refusal != null) {
                entrance.onRefused(refusal, caller.address());
                caller.refuse();
            } else if (parked.isEmpty() && inside.tryEnter()) {
                letIn(caller);
            } else {
                parked.add(caller);
            }
        }

        private @Nullable Refusal refusalOf(Caller caller) {
            if (Descriptors.isOfReserve(caller.descriptor())) {
                // The next would be too; so the kernel's queue holds them.
                pauseForDescriptors();
                return Refusal.DESCRIPTORS;
            }
            return switch (caller) {
                case Caller.OfChannel(SocketChannel channel) -> entrance.onAccepted(channel);
                case Caller.Bare(int _, InetSocketAddress client, ClientGate.Visit visit) ->
                    entrance.onAccepted(client, visit);
            };
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (inside.isPaused()) {
                reading(false);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            onFailed();
        }

        private void pauseForDescriptors() {
            pausesDescriptors.increment();
            reading(false);
            loop.eventLoop().schedule(this::resume, DESCRIPTOR_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void resume() {
            while (!parked.isEmpty()) {
                if (!inside.tryEnter()) {
                    return;
                }
                letIn(parked.poll());
            }
            if (!inside.isPaused() && server.isOpen()) {
                reading(true);
            }
        }

        private void letIn(Caller caller) {
            switch (caller) {
                case Caller.OfChannel(SocketChannel channel) -> letIn(channel);
                case Caller.Bare bare -> letIn(bare);
            }
        }

        private void letIn(Caller.Bare caller) {
            ClientGate.Visit visit = caller.visit();
            if (takesSockets()) {
                arrivals.onSocket(loop, caller.descriptor(), caller.address(), () -> {
                    visit.end();
                    inside.onLeft();
                });
                return;
            }
            SocketChannel channel = caller.channel();
            channel.closeFuture().addListener(_ -> visit.end());
            if (channel.remoteAddress() == null) {
                // It has left, and nobody knows any more who it was.
                visit.end();
                Resets.closeUnregistered(channel);
                inside.onLeft();
            } else {
                letIn(channel);
            }
        }

        private void letIn(SocketChannel channel) {
            Loop home =
                    loops.transport() == Transport.EPOLL ? loop : loops.all().get(turn++ % loops.count());
            Connector.configure(channel.config(), halfClosure);
            channel.closeFuture().addListener(_ -> inside.onLeft());
            if (home.isHere()) {
                register(home, channel);
            } else {
                home.eventLoop().execute(() -> register(home, channel));
            }
        }

        private void register(Loop home, SocketChannel channel) {
            ProxyProtocolInSpec header = entrance.headerOf(channel);
            if (header == null) {
                arrivals.onArrived(home, channel);
            } else {
                channel.pipeline().addLast(new Greeting(entrance, home, channel, arrivals, header));
            }
            home.eventLoop().register(channel);
        }

        void drain() {
            loop.transport().deafen(server);
            loop.eventLoop()
                    .schedule(
                            () -> {
                                shut();
                                doors.remove(this);
                            },
                            LAST_CALL_MILLIS,
                            TimeUnit.MILLISECONDS);
        }

        void close() {
            loop.eventLoop().execute(this::shut);
        }

        private void shut() {
            server.close();
            if (listening != null) {
                listening.end();
            }
            parked.forEach(Caller::refuse);
            parked.clear();
        }
    }
}
