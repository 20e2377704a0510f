package dev.fairlead.net.quic;

import dev.fairlead.metrics.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/// Tells clients of connections that ended with another process that they are gone (stateless reset, RFC 9000 §10.3):
/// they need not find out by silence. Stands before the codec of one socket; its loop only.
///
/// It is never said of an id that this process gave out, whichever of its acceptors did, so nobody can use us against a
/// connection that lives.
final class StatelessResets extends ChannelInboundHandlerAdapter {
    private static final int LONG_HEADER = 0x80;
    private static final int SHORT_HEADER = 0x40;
    private static final int CHANCE_BITS = 0x3f;

    /// RFC 9000 §10.3: shorter ones could be told from a packet with a connection id of the client's.
    private static final int BYTES_MAX = 43;
    /// Five bytes of chance, and the token.
    private static final int BYTES_MIN = 5 + ResetTokens.LENGTH;
    /// A loop is busy with that for less than a hundredth of its time.
    private static final int A_SECOND_MAX = 1000;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final int process;
    private final ResetTokens tokens;
    private final Counter sent;
    private final Counter held;
    private final SecureRandom random = new SecureRandom();
    private long secondNanos = System.nanoTime();
    private int inSecond;

    StatelessResets(int process, ResetTokens tokens, Counter sent, Counter held) {
        this.process = process;
        this.tokens = tokens;
        this.sent = sent;
        this.held = held;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof DatagramPacket packet && isOfAnother(packet.content())) {
            try {
                answer(context, packet);
            } finally {
                packet.release();
            }
        } else {
            context.fireChannelRead(message);
        }
    }

    /// RFC 9000 §17.3.1: a short header is one byte, and then the id that its receiver gave out.
    private boolean isOfAnother(ByteBuf packet) {
        int at = packet.readerIndex();
        return packet.readableBytes() > ConnectionIds.LENGTH
                && (packet.getByte(at) & LONG_HEADER) == 0
                && ConnectionIds.process(packet, at + 1) != process;
    }

    private void answer(ChannelHandlerContext context, DatagramPacket packet) {
        // Shorter than what it answers: two who reset each other come to an end.
        int length = Math.min(packet.content().readableBytes() - 1, BYTES_MAX);
        if (length < BYTES_MIN) {
            return;
        }
        if (!mayAnswer()) {
            held.increment();
            return;
        }
        byte[] id = new byte[ConnectionIds.LENGTH];
        packet.content().getBytes(packet.content().readerIndex() + 1, id);
        byte[] chance = new byte[length - ResetTokens.LENGTH];
        random.nextBytes(chance);
        chance[0] = (byte) (chance[0] & CHANCE_BITS | SHORT_HEADER);
        ByteBuf reset = context.alloc().directBuffer(length);
        reset.writeBytes(chance).writeBytes(tokens.token(ByteBuffer.wrap(id)));
        // Counted first: whoever has it finds it in the metrics.
        sent.increment();
        context.writeAndFlush(new DatagramPacket(reset, packet.sender()));
    }

    private boolean mayAnswer() {
        long now = System.nanoTime();
        if (now - secondNanos >= SECOND_NANOS) {
            secondNanos = now;
            inSecond = 0;
        }
        return inSecond++ < A_SECOND_MAX;
    }
}
