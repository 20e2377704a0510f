package dev.fairlead.net;

import dev.fairlead.sys.DescriptorLimit;
import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;

/// The file descriptors of the process, of which the last are not given to clients, nor to
/// connections that are opened for them: an operator must get through
/// and logs must be written when nothing else can be.
final class Descriptors {
    /// For the admin API, probes, DNS and files. Of a small limit an eighth.
    private static final int RESERVE = 64;

    private static final int FOR_CLIENTS = forClients(DescriptorLimit.soft());

    private Descriptors() {}

    private static int forClients(long limit) {
        return limit < 0 ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, limit - Math.min(RESERVE, limit / 8));
    }

    /// Whether the channel has a descriptor out of the reserve. The kernel always gives the lowest that is free, so
    /// its number tells how many are taken.
    static boolean isOfReserve(Channel channel) {
        return channel instanceof UnixChannel unix && isOfReserve(unix.fd().intValue());
    }

    static boolean isOfReserve(int descriptor) {
        return descriptor >= FOR_CLIENTS;
    }
}
