package dev.fairlead.net;

import io.netty.channel.EventLoop;

/// One thread with its sockets and its deadlines. What is confined to a loop is touched by its thread only.
public final class Loop {
    private final int index;
    private final EventLoop eventLoop;
    private final Transport transport;
    private final Deadlines deadlines;

    Loop(int index, EventLoop eventLoop, Transport transport) {
        this.index = index;
        this.eventLoop = eventLoop;
        this.transport = transport;
        this.deadlines = new Deadlines(eventLoop);
    }

    /// From 0, in the order of [Loops#all].
    public int index() {
        return index;
    }

    public EventLoop eventLoop() {
        return eventLoop;
    }

    public Deadlines deadlines() {
        return deadlines;
    }

    public boolean isHere() {
        return eventLoop.inEventLoop();
    }

    Transport transport() {
        return transport;
    }
}
