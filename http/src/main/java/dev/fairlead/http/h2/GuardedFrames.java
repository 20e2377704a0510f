package dev.fairlead.http.h2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Settings;

/// What a client says of its connection that costs it little and us more: all of it is counted by a [Guard]. One loop.
abstract class GuardedFrames extends Http2FrameAdapter {
    /// A window opened by less lets us send next to nothing for the frame that it takes.
    private static final int LITTLE = 1024;

    final Guard guard;

    GuardedFrames(Guard guard) {
        this.guard = guard;
    }

    @Override
    public final void onSettingsRead(ChannelHandlerContext here, Http2Settings settings) throws Http2Exception {
        guard.spend(Guard.Kind.SETTINGS);
    }

    @Override
    public final void onPingRead(ChannelHandlerContext here, long data) throws Http2Exception {
        guard.spend(Guard.Kind.PING);
    }

    @Override
    public final void onPriorityRead(
            ChannelHandlerContext here, int streamId, int dependency, short weight, boolean exclusive)
            throws Http2Exception {
        guard.spend(Guard.Kind.PRIORITY);
    }

    @Override
    public final void onWindowUpdateRead(ChannelHandlerContext here, int streamId, int bytes) throws Http2Exception {
        if (bytes < LITTLE) {
            guard.spend(Guard.Kind.WINDOW_UPDATE);
        }
    }
}
