package dev.fairlead.http.exchange;

import io.netty.buffer.ByteBuf;

/// One side of a tunnel: bytes both ways, each of which ends by itself. Its loop only.
public interface TunnelSide {
    /// Who takes what comes. After [#onLost] nothing more is called.
    interface Taker {
        /// Takes the buffer.
        void onBytes(ByteBuf data);

        /// No more has arrived for now.
        void onReadComplete();

        /// Nothing more will come.
        void onEnd();

        /// It takes bytes again.
        void onWritable();

        /// It is closed, whether all has come or not.
        void onLost();
    }

    /// What has come already goes to `taker` at once, and the rest when it comes.
    void begin(Taker taker);

    /// Takes the buffer.
    void send(ByteBuf data);

    void flush();

    /// Nothing more is sent. When nothing more comes either, it closes itself.
    void end();

    /// False while bytes are taken more slowly than they come.
    boolean isWritable();

    /// Whether more may come now. It may at first.
    void want(boolean want);

    /// Ends both ways at once.
    void cut();
}
