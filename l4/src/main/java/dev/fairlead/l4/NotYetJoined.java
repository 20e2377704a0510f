package dev.fairlead.l4;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// On an upstream channel until it is joined; there is nothing to hear yet.
@ChannelHandler.Sharable
final class NotYetJoined extends ChannelInboundHandlerAdapter {
    static final NotYetJoined HANDLER = new NotYetJoined();
}
