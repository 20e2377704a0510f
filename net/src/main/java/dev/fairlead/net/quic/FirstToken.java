package dev.fairlead.net.quic;

import io.netty.channel.ChannelHandler;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The token of the first id of the connection that a codec makes next. It is a transport parameter, and the codec has
/// one for all connections, which each of its clients would know and could use against the others. So it is set anew
/// for each, whose copy of it is made a moment later. Its loop only.
///
/// The codec has no door for that. We go in through its wall, which the option `--add-opens` of our launcher allows;
/// where it does not, or the codec has been rebuilt, a first id has no token, and clients know later that a connection
/// is gone.
final class FirstToken {
    private static final Logger LOG = LoggerFactory.getLogger(FirstToken.class);
    private static final String ROOM = "io.netty.handler.codec.quic.";

    private static final @Nullable Doors DOORS = Doors.find();

    private record Doors(VarHandle config, MethodHandle address, MethodHandle set) {
        static @Nullable Doors find() {
            try {
                Class<?> codec = Class.forName(ROOM + "QuicheQuicCodec");
                Class<?> config = Class.forName(ROOM + "QuicheConfig");
                Class<?> quiche = Class.forName(ROOM + "Quiche");
                Lookup lookup = MethodHandles.privateLookupIn(codec, MethodHandles.lookup());
                return new Doors(
                        lookup.findVarHandle(codec, "config", config),
                        lookup.findVirtual(config, "nativeAddress", MethodType.methodType(long.class)),
                        lookup.findStatic(
                                quiche,
                                "quiche_config_set_stateless_reset_token",
                                MethodType.methodType(void.class, long.class, byte[].class)));
            } catch (ReflectiveOperationException closed) {
                LOG.atWarn()
                        .addKeyValue("reason", closed.toString())
                        .log("the first id of a QUIC connection has no token of stateless reset");
                return null;
            }
        }
    }

    private final ResetTokens tokens;
    private long address;

    FirstToken(ResetTokens tokens) {
        this.tokens = tokens;
    }

    /// Before its first connection. It must not be used any more when the codec has left its channel.
    void of(ChannelHandler codec) {
        if (DOORS != null) {
            try {
                address = (long) DOORS.address.invoke(DOORS.config.get(codec));
            } catch (Throwable impossible) {
                throw new IllegalStateException("the codec's config was found, and cannot be read", impossible);
            }
        }
    }

    /// The next connection has this id.
    void of(ByteBuffer id) {
        if (DOORS != null && address != 0) {
            try {
                DOORS.set.invokeExact(address, tokens.token(id));
            } catch (Throwable impossible) {
                throw new IllegalStateException("the codec's config was found, and cannot be written", impossible);
            }
        }
    }
}
