package dev.fairlead.l4;

import dev.fairlead.net.Connector;
import dev.fairlead.net.Resets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// A dial through a channel, where there is no epoll.
final class ChannelDial implements Dial {
    private final Call call;
    private final Caller caller;
    private @Nullable Channel channel;
    private boolean abandoned;

    ChannelDial(Call call, Caller caller) {
        this.call = call;
        this.caller = caller;
    }

    @Override
    public void begin() {
        ChannelFuture connect;
        try {
            connect = Connector.connect(
                    call.loop(),
                    call.address(),
                    call.timeoutMillis(),
                    call.terms(),
                    call.source(),
                    call.client(),
                    NotYetJoined.HANDLER);
        } catch (ChannelException noDescriptor) {
            caller.onNoSocket(String.valueOf(noDescriptor.getMessage()));
            return;
        }
        channel = connect.channel();
        connect.channel().closeFuture().addListener(_ -> call.to().connectionClosed());
        connect.addListener(_ -> onConnect(connect));
    }

    private void onConnect(ChannelFuture connect) {
        if (abandoned) {
            return;
        }
        if (connect.isSuccess()) {
            caller.onConnected();
        } else if (Connector.hasNoSource(connect.cause())) {
            caller.onNoSource();
        } else {
            caller.onNotConnected(String.valueOf(connect.cause()), Connector.isRefused(connect.cause()));
        }
    }

    @Override
    public void abandon() {
        abandoned = true;
        if (channel != null) {
            // It may be connected already, and an end in good order is not what the client did.
            Resets.close(channel);
        }
    }

    @Override
    public Relay join(
            Client client,
            @Nullable Introduction introduction,
            @Nullable ByteBuf held,
            RelayTerms terms,
            Relay.Owner owner) {
        var upstream = (DuplexChannel) channel;
        assert upstream != null;
        upstream.pipeline().remove(NotYetJoined.HANDLER);
        if (introduction != null) {
            // Nothing overtakes it: what is relayed is written to the same channel.
            upstream.writeAndFlush(introduction.header(), upstream.voidPromise());
        }
        // Without epoll no client is bare.
        var downstream = ((Client.OfChannel) client).channel();
        return Relay.join(call.loop(), downstream, upstream, held, null, terms, owner);
    }
}
